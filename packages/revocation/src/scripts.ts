/**
 * Writes are scripts because "the higher seq holds" must be decided where the entries are: two nodes may publish
 * two versions of one entry in the wrong order, and a lifted ban must not come back.
 */
const put = `
local function put(id, seq, expires, json)
  local known = redis.call('HGET', KEYS[1], id)
  if known and cjson.decode(known).seq >= seq then return false end
  redis.call('HSET', KEYS[1], id, json)
  if expires == '' then redis.call('ZREM', KEYS[2], id) else redis.call('ZADD', KEYS[2], expires, id) end
  return true
end
local function sweep()
  local past = tonumber(redis.call('TIME')[1]) - 60
  local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', past, 'LIMIT', 0, 200)
  for _, id in ipairs(gone) do redis.call('HDEL', KEYS[1], id); redis.call('ZREM', KEYS[2], id) end
end`;

/** KEYS entries expiry seq stream wake published · ARGV stream length, then (id, seq, expiresAt or '', json) for each entry. */
export const publishScript = `${put}
local fresh = {}
local top = tonumber(redis.call('GET', KEYS[3]) or '0')
for i = 2, #ARGV, 4 do
  local seq = tonumber(ARGV[i + 1])
  if put(ARGV[i], seq, ARGV[i + 2], ARGV[i + 3]) then
    local at = redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[1], '*', 'entry', ARGV[i + 3])
    redis.call('ZADD', KEYS[6], string.match(at, '^%d+'), ARGV[i + 1])
    if seq > top then top = seq; redis.call('SET', KEYS[3], ARGV[i + 1]) end
    fresh[#fresh + 1] = ARGV[i + 3]
  end
end
redis.call('ZREMRANGEBYRANK', KEYS[6], 0, -1 - ARGV[1])
sweep()
if #fresh > 0 then redis.call('PUBLISH', KEYS[5], '[' .. table.concat(fresh, ',') .. ']') end
return #fresh`;

/**
 * The sequence stays where it is until the seal: mirrors of the old epoch take it as the proof of what they have.
 * KEYS entries expiry seq building · ARGV (id, seq, expiresAt or '', json) for each entry. 0: Redis was emptied meanwhile.
 */
export const mergeScript = `${put}
if redis.call('EXPIRE', KEYS[4], 60) == 0 then return 0 end
for i = 1, #ARGV, 4 do put(ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3]) end
return 1`;

/** KEYS confirmed · ARGV the time in ms. Of two nodes the one that looked later is right. */
export const confirmScript = `
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '0') then redis.call('SET', KEYS[1], ARGV[1]) end`;

/** KEYS entries expiry seq building epoch stream wake confirmed · ARGV epoch, seq, then ids the ledger no longer has. 0: as above. */
export const sealScript = `
if redis.call('DEL', KEYS[4]) == 0 then return 0 end
for i = 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]); redis.call('ZREM', KEYS[2], ARGV[i]) end
if tonumber(ARGV[2]) > tonumber(redis.call('GET', KEYS[3]) or '-1') then redis.call('SET', KEYS[3], ARGV[2]) end
redis.call('DEL', KEYS[6])
redis.call('XADD', KEYS[6], '*', 'epoch', ARGV[1])
redis.call('SET', KEYS[5], ARGV[1])
redis.call('SET', KEYS[8], redis.call('TIME')[1] .. '000')
redis.call('PUBLISH', KEYS[7], '[]')
return 1`;
