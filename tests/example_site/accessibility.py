"""What every page must offer to keyboards and screen readers, checked in the page itself."""

from __future__ import annotations

from playwright.sync_api import Page

_CHECKS = r"""
() => {
  const wrong = [];
  const visible = (node) => node.checkVisibility({ visibilityProperty: true });
  const say = (node, what) => wrong.push(`${what}: ${node.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const name = (node) =>
    (node.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim()
    || node.getAttribute("aria-label")
    || [...(node.labels ?? [])].map((label) => label.textContent).join(" ").trim()
    || node.textContent.trim()
    || [...node.querySelectorAll("img")].map((image) => image.alt).join(" ").trim();

  if (!document.documentElement.lang) wrong.push("the page names no language");
  if (!document.title.trim()) wrong.push("the page has no title");
  if (all("h1").length !== 1) wrong.push(`${all("h1").length} h1 headings`);
  for (const landmark of ["main", "header", "footer"])
    if (all(landmark).length !== 1) wrong.push(`${all(landmark).length} of ${landmark}`);
  const skip = document.querySelector("body > a:first-of-type");
  if (!skip || !document.querySelector(skip.getAttribute("href"))) wrong.push("no skip link");

  let level = 0;
  for (const heading of all("h1, h2, h3, h4").filter(visible)) {
    const now = Number(heading.tagName[1]);
    if (now > level + 1) say(heading, "a heading level is skipped before");
    level = now;
  }
  for (const control of all("input:not([type=hidden]), select, textarea").filter(visible))
    if (!control.labels?.length && !control.getAttribute("aria-label")) say(control, "no label");
  for (const control of all("a[href], button").filter(visible))
    if (!name(control)) say(control, "no name");
  for (const image of all("img")) if (!image.hasAttribute("alt")) say(image, "no alt");
  for (const nav of all("nav")) if (!name(nav)) say(nav, "no name");
  const navs = all("nav").map((nav) => nav.getAttribute("aria-label"));
  if (new Set(navs).size !== navs.length) wrong.push(`navs share a name: ${navs}`);
  for (const table of all("table"))
    for (const head of table.querySelectorAll("th"))
      if (!head.scope) say(head, "no scope");
  for (const node of all("[aria-describedby], [aria-labelledby]"))
    for (const attribute of ["aria-describedby", "aria-labelledby"])
      for (const id of (node.getAttribute(attribute) ?? "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) say(node, `${attribute} leads nowhere`);
  for (const control of all("[aria-invalid=true]"))
    if (!control.getAttribute("aria-describedby")) say(control, "an error without words");
  const ids = all("[id]").map((node) => node.id);
  for (const id of new Set(ids.filter((each, at) => ids.indexOf(each) !== at)))
    wrong.push(`the id ${id} is used twice`);
  if (all("[tabindex]").some((node) => node.tabIndex > 0)) wrong.push("a positive tabindex");

  // WCAG 1.4.3: contrast of text, against the nearest opaque background behind it.
  const rgba = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const over = (top, below) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map((at) => top[at] * alpha + below[at] * (1 - alpha));
  };
  const background = (node) => {
    const layers = [];
    for (let each = node; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if ((colour[3] ?? 1) > 0) layers.push(colour);
      if ((colour[3] ?? 1) === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || seen.has(node) || !visible(node)) continue;
    seen.add(node);
    const style = getComputedStyle(node);
    const behind = background(node);
    const both = [luminance(behind), luminance(over(rgba(style.color), behind))];
    const [light, dark] = both.sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) say(node, `contrast ${ratio.toFixed(2)}`);
  }
  return wrong;
}
"""


def faults(page: Page) -> list[str]:
    """Everything that is wrong with the page as it stands, in words; empty when nothing is."""
    found: list[str] = page.evaluate(_CHECKS)
    return [f"{page.url}: {fault}" for fault in found]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wider: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
