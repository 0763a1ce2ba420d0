"""The metrics that can be asked for, and by what they can be told apart.

Facts of https://create.roblox.com/docs/cloud/guides/analytics/metrics
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

__all__ = ["METRICS", "TEXTS", "TEXT_METRICS", "Metric"]


class Metric(msgspec.Struct, frozen=True):
    """What can be asked of a metric.

    Attributes:
        granularities: The spans of its data points, in Roblox's words.
        days: How long its data is kept.
        dimensions: What it can be broken down and filtered by.
    """

    granularities: frozenset[str]
    days: int
    dimensions: frozenset[str]


TEXT_METRICS = frozenset({"ThumbnailWinningSegments"})
"""Those whose data points are words."""

TEXTS = ("TopEngagement", "HighCTR", "NewUsers")
"""What they have to say."""

_SPANS = {
    "i": "OneMinute",
    "f": "HalfHour",
    "h": "OneHour",
    "d": "OneDay",
    "w": "OneWeek",
    "m": "OneMonth",
    "n": "None",
}
_YEARS, _YEAR, _QUARTER, _MONTH = 1468, 365, 90, 28

_SEGMENTS = " ".join(
    f"UserSegmentation{each}"
    for each in (
        "AccountAge",
        "ActivationStatus",
        "EngagementLevel",
        "PayerStatus",
        "PlatformActivationStatus",
        "PlatformSpenderStatus",
    )
)
_PEOPLE = (
    f"AgeGroupV2 Country Gender Locale OperatingSystem Platform UserO18Eligibility {_SEGMENTS}"
)
_SOURCES = (
    "AcquisitionSource AgeGroupV2 Gender OperatingSystem Platform "
    "UserSegmentationPlatformActivationStatus UserSegmentationPlatformSpenderStatus"
)
_EVENTS = (
    "AgeGroup CustomField1 CustomField2 CustomField3 Gender IsNewUser OperatingSystem "
    "PayerStatus Platform"
)
_CLIENTS = "MemoryGroup OperatingSystem Place PlaceVersion Platform"
_ADS = (
    "AdFormat AdInstanceName AdPlacementId AdsPublisherReportingDataVersion Country Gender "
    "OperatingSystem Platform"
)
_MATCHES = "AgeGroup Country Locale Place Platform"

# Names, in which * stands for Avg, P10, P50 and P90; granularities; days; dimensions.
_FACTS: tuple[tuple[str, str, int, str], ...] = (
    ("D1Retention D7Retention D30Retention", "dwmn", _YEARS, f"AcquisitionSource {_PEOPLE}"),
    ("D1Stickiness D7Stickiness D30Stickiness", "dwmn", _YEARS, _PEOPLE),
    ("DauMauStickiness", "d", _YEARS, _PEOPLE),
    (
        "ForwardD1Retention ForwardD7Retention ForwardD30Retention",
        "d",
        _YEARS,
        f"AcquisitionSource {_PEOPLE}",
    ),
    (
        "L7AverageForwardD1Retention L7AverageForwardD7Retention",
        "d",
        _YEAR,
        f"AcquisitionSource {_PEOPLE}",
    ),
    (
        "AveragePlayTimeMinutesPerDAU AverageSessionLengthMinutes TotalPlayTimeHours Visits",
        "dwmn",
        _YEARS,
        f"IsNewUser {_PEOPLE}",
    ),
    ("DailyActiveUsers", "dwmn", _YEARS, f"AcquisitionSource IsNewUser {_PEOPLE}"),
    ("L7AverageDailyActiveUsers", "d", _YEAR, f"AcquisitionSource IsNewUser {_PEOPLE}"),
    ("L7AveragePlayTimeMinutesPerDAU", "d", _YEAR, f"IsNewUser {_PEOPLE}"),
    ("MonthlyActiveUsers", "d", _YEARS, f"IsNewUser {_PEOPLE}"),
    (
        "TotalSessionsEndedInBucket",
        "dwmn",
        _YEARS,
        f"AgeGroupV2 Gender OperatingSystem Platform SessionTimeBucket {_SEGMENTS}",
    ),
    (
        "AverageRevenuePerPayingUser AverageRevenuePerUser PayingUsers PayingUsersCVR",
        "dwmn",
        _YEARS,
        _PEOPLE,
    ),
    ("DailyRevenue", "dwmn", _YEARS, f"BalanceType RevenueSource {_PEOPLE}"),
    (
        "ItemMonetizationRevenue",
        "hdn",
        _YEARS,
        (
            "CollectibleItemTargetType CollectibleItemTargetTypeId CollectibleItemType ProductKey "
            "ProductType SalesLocation"
        ),
    ),
    ("L7AverageDailyRevenue", "d", _YEARS, f"RevenueSource {_PEOPLE}"),
    ("L7AveragePayingUsersCVR L7AverageRevenuePerPayingUser", "d", _YEARS, _PEOPLE),
    (
        " ".join(
            f"Attribution{span}PayerConversionRatio Attribution{span}PlaytimePerUserInMinutes "
            f"Attribution{span}RobuxPerUser AttributionD{span[:-1]}RetentionRatio"
            for span in ("1D", "7D", "30D")
        ),
        "dwn",
        _YEARS,
        _SOURCES,
    ),
    (
        (
            "ClickCVR EndToEndCVR ImpressionCVR QualifiedEndToEndCVR UniqueUsersWithClicks "
            "UniqueUsersWithImpressions"
        ),
        "dn",
        _YEARS,
        f"IsNewUser {_SOURCES}",
    ),
    (
        "UniqueUsersWithPlaySessions QualifiedUniqueUsersWithPlaySessions",
        "dwn",
        _YEARS,
        f"FunnelSource IsNewUser {_SOURCES}",
    ),
    (
        "L7AverageUniqueUsersWithPlaySessions",
        "d",
        _YEAR,
        f"FunnelSource IsNewUser {_SOURCES} {_SEGMENTS}",
    ),
    ("L7AverageRFYPlayThroughRate L7AverageRFYQualifiedPTR", "d", _YEAR, "AgeGroupV2 Gender"),
    (
        "RFYDeepEngagementRate RFYPlayThroughRate RFYQualifiedPTR",
        "d",
        _YEARS,
        "AgeGroupV2 Gender",
    ),
    ("ThumbnailWinningSegments", "d", _YEARS, ""),
    (
        "ClientCpuTime*",
        "ifhd",
        _MONTH,
        f"ClientCpuTimeCategory ClientCpuTimeSubCategory {_CLIENTS}",
    ),
    (
        (
            "ClientCrashCount ClientCrashRate15m ClientFps* ClientMemoryUsage* "
            "ClientMemoryUsagePercentage* ConcurrentPlayers OomUnexpectedExits "
            "PeakConcurrentPlayers SessionDurationSeconds*"
        ),
        "ifhd",
        _MONTH,
        _CLIENTS,
    ),
    ("CpuCoreUtilization ServerFrameRate* ServerMemoryUsage*", "ifhd", _MONTH, "Place"),
    ("RotraceTotalCalls", "hdn", _YEAR, "SimplifiedUrl"),
    ("CpuTime*", "ifhd", _MONTH, "CpuTimeCategory CpuTimeSubCategory Place"),
    ("ServerCrashCount", "ifhd", _MONTH, "CrashType Place"),
    (
        "MemoryUsage*",
        "ifhdn",
        _MONTH,
        "MemoryUsageCategory MemoryUsageSubCategory Place ServerAgeBucket",
    ),
    (
        "EconomyAverageWalletBalance",
        "hdwmn",
        _YEARS,
        f"CurrencyType TransactionType {_EVENTS}",
    ),
    (
        "EconomyTransactionAmount EconomyTransactionCount",
        "hdwmn",
        _YEARS,
        f"CurrencyType FlowType ItemSku TransactionType {_EVENTS}",
    ),
    ("FunnelCohortCompletionRate", "dn", _YEARS, f"FunnelName FunnelStep {_EVENTS}"),
    (
        (
            "FunnelStepChurnRate FunnelStepCompletionRate FunnelStepOverallCompletionRate "
            "FunnelStepTotalCount FunnelUserChurnRate FunnelUserOverallCompletionRate "
            "FunnelUserStepCompletionRate FunnelUserTotalCount"
        ),
        "n",
        _YEARS,
        f"FunnelName FunnelStep {_EVENTS}",
    ),
    (
        "SpeechToTextTranscriptionStatuses SpeechToTextTranscriptionUsage",
        "ifhd",
        _MONTH,
        "SpeechToTextTranscriptionStatus",
    ),
    ("TextToSpeechAssetSuccesses", "ifhd", _MONTH, ""),
    (
        "TextToSpeechRawAudioErrors TextToSpeechRawAudioSuccesses",
        "ifhd",
        _MONTH,
        "TextToSpeechRawAudioStatus",
    ),
    (
        "MatchmakingCategoricalCustomSignalsSimilarityRatio*",
        "hdn",
        _QUARTER,
        "AgeGroup Locale MatchmakingCategoricalCustomSignal Place Platform",
    ),
    (
        "MatchmakingNumericCustomSignalsDifference*",
        "hdn",
        _QUARTER,
        "AgeGroup Locale MatchmakingNumericCustomSignal Place Platform",
    ),
    (
        (
            "MatchmakingSignalsAgeDifference* MatchmakingSignalsCommonChatGroupRatio* "
            "MatchmakingSignalsCommonDeviceTypeRatio* MatchmakingSignalsCommonLanguageRatio* "
            "MatchmakingSignalsEstimatePing* MatchmakingSignalsOccupancyRatio* "
            "MatchmakingSignalsPlayHistoryDifference* "
            "MatchmakingSignalsPreferredPlayerMatchRatioAvg MatchmakingSignalsVoiceChatRatio*"
        ),
        "hd",
        _QUARTER,
        _MATCHES,
    ),
    (
        " ".join(
            f"DataStoreConsumed{each}Requests DataStore{each}Requests"
            for each in ("List", "Read", "Remove", "Write")
        ),
        "ifhd",
        _MONTH,
        "DataStoreTypeV2",
    ),
    (
        (
            "DataStoreListRequestsByEndpoint DataStoreReadRequestsByEndpoint "
            "DataStoreRemoveRequestsByEndpoint DataStoreWriteRequestsByEndpoint "
            "DataStoreRequestsByEndpoint"
        ),
        "ifhd",
        _MONTH,
        "DataStoreOperation DataStoreTypeV2",
    ),
    (
        "DataStoreRequests",
        "ifhd",
        _MONTH,
        "DataStoreOperation DataStoreStatus DataStoreTypeV2",
    ),
    ("DataStoreRequestsByStatus", "ifhd", _MONTH, "DataStoreStatus DataStoreTypeV2"),
    ("DataStoreStorageUsageBytes MemoryStoreMemoryUsageBytes", "ifhd", _MONTH, ""),
    (
        "MemoryStoreRequestUnitsByEndpoint MemoryStoreRequestsByEndpoint",
        "ifhd",
        _MONTH,
        "MemoryStoreOperation",
    ),
    ("MemoryStoreRequests", "ifhd", _MONTH, "MemoryStoreOperation MemoryStoreStatus"),
    ("MemoryStoreRequestsByStatus", "ifhd", _MONTH, "MemoryStoreStatus"),
    (
        "TotalAbuseReports UniqueAbuseReportSubmittersPer1000PlaytimeHours",
        "d",
        _YEARS,
        "AbuseCategory AbuseChannel",
    ),
    (
        (
            "AdsPublisherReportingTotalImpressions AdsPublisherReportingTotalRevenueRobux "
            "AdsPublisherReportingVideo2DEpmNoUnvalidatedPc "
            "AdsPublisherReportingVideo2DImpressions AdsPublisherReportingVideo2DRevenueRobux"
        ),
        "hdn",
        _YEARS,
        _ADS,
    ),
    ("AdsPublisherReportingVideo2DDailyUniqueViewer", "dn", _YEARS, _ADS),
    (
        " ".join(
            f"CustomEvent{each}"
            for each in (
                "AvgPerUserValue",
                "AvgValue",
                "Count",
                "CountUser",
                "MaxValue",
                "MinValue",
                "SumValue",
            )
        ),
        "hdwmn",
        _YEARS,
        f"CustomEventName {_EVENTS}",
    ),
    (
        "StoreRevenue StoreTransactions",
        "dn",
        _YEARS,
        "IsFree PurchaseStatus StoreItemId StoreItemType",
    ),
    ("CubeDailyRequests", "d", _MONTH, "WorkflowType"),
)


def _metrics() -> Iterator[tuple[str, Metric]]:
    for names, spans, days, dimensions in _FACTS:
        metric = Metric(
            frozenset(_SPANS[letter] for letter in spans), days, frozenset(dimensions.split())
        )
        for name in names.split():
            if name.endswith("*"):
                yield from ((name[:-1] + each, metric) for each in ("Avg", "P10", "P50", "P90"))
            else:
                yield name, metric


METRICS: dict[str, Metric] = dict(_metrics())
"""Every metric, by its name."""
