"""What the Redis store changes, each change one script: Redis runs a script as a whole.

So a compare-and-swap has one winner, and a row never parts from its places in the
indexes, whoever is killed when. Scripts write to indexes first: where one of them is
somebody else's data, nothing of a row is written. Each is given the key that it is about;
keys that only it can know, such as those of an index, it makes from `PREFIX`.
"""

from __future__ import annotations

import hashlib

from rblx_oauth._redis.keys import DEAD_GRANTS, EXPIRY, GRANTS, PREFIX, RECORDS


class Script:
    """A script of Lua.

    Attributes:
        text: Its source.
        sha: The name under which Redis keeps it once it has run.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


# The first line of each says what is in ARGV.

OPEN = Script("""
local version = unpack(ARGV)
redis.call('SET', KEYS[1], version, 'NX')
return redis.call('GET', KEYS[1])
""")

_GRANTS = f"""
local GRANTS, DEAD = '{GRANTS}', '{DEAD_GRANTS}'
"""

_FORGET = f"""{_GRANTS}
local function forget(id)
  redis.call('ZREM', GRANTS, id)
  redis.call('ZREM', DEAD, id)
  return redis.call('DEL', '{PREFIX}grant:' .. id)
end
"""

SWAP_GRANT = Script(f"""{_GRANTS}
local id, expected, status, updated_at = unpack(ARGV, 1, 4)
if (redis.call('HGET', KEYS[1], 'generation') or '') ~= expected then return 0 end
redis.call('ZADD', GRANTS, 0, id)
if status == 'live' then
  redis.call('ZREM', DEAD, id)
else
  redis.call('ZADD', DEAD, updated_at, id)
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
return 1
""")

RESEAL_GRANT = Script("""
local generation, before, after = unpack(ARGV)
local stored = redis.call('HMGET', KEYS[1], 'generation', 'sealed')
if stored[1] ~= generation or stored[2] ~= before then return 0 end
redis.call('HSET', KEYS[1], 'sealed', after)
return 1
""")

WRITE_INTENT = Script("""
local owner, generation = unpack(ARGV)
local stored = redis.call('HMGET', KEYS[1], 'generation', 'lease_owner')
if stored[1] ~= generation or stored[2] ~= owner then return 0 end
redis.call('HSET', KEYS[1], 'intent', owner)
return 1
""")

ACQUIRE_LEASE = Script("""
local owner, now, until_, latest = unpack(ARGV)
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local lease = redis.call('HMGET', KEYS[1], 'lease_owner', 'lease_until')
if lease[1] and lease[1] ~= owner then
  local ends = tonumber(lease[2])
  if ends > tonumber(now) and ends <= tonumber(latest) then return 0 end
end
redis.call('HSET', KEYS[1], 'lease_owner', owner, 'lease_until', until_)
return 1
""")

RENEW_LEASE = Script("""
local owner, until_ = unpack(ARGV)
if redis.call('HGET', KEYS[1], 'lease_owner') ~= owner then return 0 end
redis.call('HSET', KEYS[1], 'lease_until', until_)
return 1
""")

RELEASE_LEASE = Script("""
local owner = unpack(ARGV)
if redis.call('HGET', KEYS[1], 'lease_owner') ~= owner then return 0 end
return redis.call('HDEL', KEYS[1], 'lease_owner', 'lease_until')
""")

DELETE_GRANT = Script(f"""{_FORGET}
local id = unpack(ARGV)
if redis.call('HGET', KEYS[1], 'status') == 'live' then return 0 end
return forget(id)
""")

SWEEP_GRANTS = Script(f"""{_FORGET}
local before, limit = unpack(ARGV)
local ids = redis.call('ZRANGEBYSCORE', DEAD, '-inf', '(' .. before, 'LIMIT', 0, limit)
for _, id in ipairs(ids) do forget(id) end
return #ids
""")

_RECORDS = f"""
local RECORDS, EXPIRY = '{RECORDS}', '{EXPIRY}'

local function record_key(name) return '{PREFIX}record:' .. name end
local function owner_key(kind, owner) return '{PREFIX}owner:' .. kind .. '\\0' .. owner end

local function remove(kind, id)
  local name = kind .. '\\0' .. id
  local owner = redis.call('HGET', record_key(name), 'owner')
  redis.call('ZREM', RECORDS, name)
  redis.call('ZREM', EXPIRY, name)
  if owner then redis.call('ZREM', owner_key(kind, owner), id) end
  return redis.call('DEL', record_key(name))
end
"""

_INDEX = """
local function index(kind, id, owner, expires_at, milliseconds)
  local name, owned = kind .. '\\0' .. id, owner_key(kind, owner)
  redis.call('ZADD', RECORDS, 0, name)
  redis.call('ZADD', EXPIRY, expires_at, name)
  redis.call('ZADD', owned, expires_at, id)
  if redis.call('PTTL', owned) < tonumber(milliseconds) then
    redis.call('PEXPIRE', owned, milliseconds)
  end
end
"""

ADD_RECORD = Script(f"""{_RECORDS}{_INDEX}
local kind, id, owner, created_at, expires_at, milliseconds = unpack(ARGV, 1, 6)
local ends = redis.call('HGET', KEYS[1], 'expires_at')
if ends then
  if tonumber(ends) > tonumber(created_at) then return 0 end
  remove(kind, id)
end
-- Redis lets records go when their time is over, and knows nothing of indexes. Each new one
-- has up to two such gaps closed, so gaps cannot pile up where nobody sweeps.
for _, name in ipairs(redis.call('ZRANGE', EXPIRY, 0, 1)) do
  if redis.call('EXISTS', record_key(name)) == 0 then
    redis.call('ZREM', RECORDS, name)
    redis.call('ZREM', EXPIRY, name)
  end
end
local owned = owner_key(kind, owner)
for _, other in ipairs(redis.call('ZRANGE', owned, 0, 1)) do
  if redis.call('EXISTS', record_key(kind .. '\\0' .. other)) == 0 then
    redis.call('ZREM', owned, other)
  end
end
index(kind, id, owner, expires_at, milliseconds)
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[1], milliseconds)
return 1
""")

CHANGE_RECORD = Script(f"""{_RECORDS}{_INDEX}
local kind, id, payload, seen_at, expires_at, milliseconds, before = unpack(ARGV)
local stored = redis.call('HMGET', KEYS[1], 'owner', 'payload')
if not stored[1] or (before and stored[2] ~= before) then return 0 end
index(kind, id, stored[1], expires_at, milliseconds)
redis.call('HSET', KEYS[1], 'payload', payload, 'seen_at', seen_at, 'expires_at', expires_at)
redis.call('PEXPIRE', KEYS[1], milliseconds)
return 1
""")

TAKE_RECORD = Script(f"""{_RECORDS}
local kind, id, now = unpack(ARGV, 1, 3)
local ends = redis.call('HGET', KEYS[1], 'expires_at')
if not ends or tonumber(ends) <= tonumber(now) then return false end
local stored = redis.call('HMGET', KEYS[1], unpack(ARGV, 4))
remove(kind, id)
return stored
""")

DELETE_RECORD = Script(f"""{_RECORDS}
local kind, id = unpack(ARGV)
return remove(kind, id)
""")

DELETE_OWNED = Script(f"""{_RECORDS}
local kind, owner = unpack(ARGV)
local count = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  -- One that Redis let go of may have come back as somebody else's.
  if redis.call('HGET', record_key(kind .. '\\0' .. id), 'owner') == owner then
    count = count + remove(kind, id)
  end
end
redis.call('DEL', KEYS[1])
return count
""")

SWEEP = Script(f"""{_RECORDS}
local now, limit = unpack(ARGV)
local names = redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', now, 'LIMIT', 0, limit)
for _, name in ipairs(names) do
  local zero = string.find(name, '\\0', 1, true)
  remove(string.sub(name, 1, zero - 1), string.sub(name, zero + 1))
end
return #names
""")
