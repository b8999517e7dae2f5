import { redisScript } from './redis-script';

/**
 * The arithmetic of lib/domain/rate-limit.ts in Lua; a test holds the two together over random calls. Time comes from
 * the caller's clock, so that every machine should keep NTP; a clock that differs by seconds refills nothing twice.
 * Levels are stored with 17 digits, which bring a double back exactly.
 */
const BUCKETS = `
local WINDOW = 60000

local function read(key, now, limits)
  local stored = redis.call('HMGET', key, 'at', 'requests', 'input', 'output')
  local start = tonumber(stored[1])
  if start == nil or start - now > WINDOW then start = now end
  local elapsed = math.max(0, now - start)
  local levels = {}
  for i = 1, 3 do
    local level = tonumber(stored[i + 1])
    if level == nil then level = limits[i] end
    levels[i] = math.min(limits[i], level + elapsed * (limits[i] / WINDOW))
  end
  return levels, math.max(start, now)
end

local function write(key, at, levels, limits)
  local full = 0
  for i = 1, 3 do
    if limits[i] > 0 then full = math.max(full, (limits[i] - levels[i]) / (limits[i] / WINDOW)) end
  end
  redis.call('HSET', key, 'at', string.format('%.0f', at), 'requests', string.format('%.17g', levels[1]),
    'input', string.format('%.17g', levels[2]), 'output', string.format('%.17g', levels[3]))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(full) + 1000))
end

local function numbers(first, count)
  local result = {}
  for i = 1, count do result[i] = tonumber(ARGV[first + i - 1]) end
  return result
end
`;

/**
 * KEYS: the key's buckets and leases, the account's buckets and leases. ARGV: now, lease, lease TTL (ms), three costs,
 * the key's four limits, the account's four. Answers the refusing limit (0 to 3 of the key, 4 to 7 of the account, or
 * -1), its wait in ms, and the six levels, rounded down.
 */
export const ADMIT = redisScript(`${BUCKETS}
local now, lease, ttl = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local cost = numbers(4, 3)
local scopes = {}
local refused, wait = -1, 0

local function refuse(index, ms)
  if ms > wait then refused = index; wait = ms end
end

for s = 0, 1 do
  local buckets, leases = KEYS[2 * s + 1], KEYS[2 * s + 2]
  local limits = numbers(7 + 4 * s, 4)
  local levels, at = read(buckets, now, limits)
  for i = 1, 3 do
    if cost[i] > 0 then
      if limits[i] <= 0 then
        refuse(4 * s + i - 1, WINDOW)
      else
        local missing = math.min(cost[i], limits[i]) - levels[i]
        if missing > 1e-6 then refuse(4 * s + i - 1, math.ceil(missing / (limits[i] / WINDOW))) end
      end
    end
  end
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', ARGV[1])
  if redis.call('ZCARD', leases) >= limits[4] then refuse(4 * s + 3, 1000) end
  scopes[s + 1] = { buckets = buckets, leases = leases, limits = limits, levels = levels, at = at }
end

if refused == -1 then
  for _, scope in ipairs(scopes) do
    for i = 1, 3 do scope.levels[i] = scope.levels[i] - math.min(cost[i], scope.limits[i]) end
    write(scope.buckets, scope.at, scope.levels, scope.limits)
    redis.call('ZADD', scope.leases, string.format('%.0f', now + ttl), lease)
    redis.call('PEXPIRE', scope.leases, ttl)
  end
end

local reply = { refused, wait }
for _, scope in ipairs(scopes) do
  for i = 1, 3 do reply[#reply + 1] = math.floor(scope.levels[i]) end
end
return reply
`);

/** KEYS: the key's buckets, the account's. ARGV: now, then for each the input and output to take and its three limits. */
export const SETTLE = redisScript(`${BUCKETS}
local now = tonumber(ARGV[1])
for s = 0, 1 do
  local cost = numbers(2 + 5 * s, 2)
  local limits = numbers(4 + 5 * s, 3)
  local levels, at = read(KEYS[s + 1], now, limits)
  levels[2] = math.min(limits[2], levels[2] - cost[1])
  levels[3] = math.min(limits[3], levels[3] - cost[2])
  write(KEYS[s + 1], at, levels, limits)
end
return 1
`);

/** KEYS: lease sets, one for each lease. ARGV: when they expire, TTL, the leases. One that was released stays so. */
export const RENEW = redisScript(`
for i = 1, #KEYS do
  redis.call('ZADD', KEYS[i], 'XX', ARGV[1], ARGV[i + 2])
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return #KEYS
`);

/** KEYS: lease sets, one for each lease. ARGV: the leases. */
export const RELEASE = redisScript(`
for i = 1, #KEYS do redis.call('ZREM', KEYS[i], ARGV[i]) end
return #KEYS
`);
