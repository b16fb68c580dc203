-- Sends prepared requests: wrk -s prepared.lua URL -- FILE once|repeatedly [PAUSE_MS]
-- FILE contains whole HTTP requests, each ended by a NUL. With `once`, the run ends after the last request.

local requests, position, is_once = {}, 0, false

function init(args)
  is_once = args[2] == 'once'
  local pause_ms = tonumber(args[3] or 0)
  if pause_ms > 0 then
    delay = function() return pause_ms end
  end
  local file = assert(io.open(args[1], 'rb'))
  for request in file:read('*a'):gmatch('%Z+') do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  position = position + 1
  if position > #requests then
    if is_once then
      wrk.thread:stop()
      return ''
    end
    position = 1
  end
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"responses":%d,"seconds":%f,"failures":%d,"p50Ms":%f,"p99Ms":%f,"maxMs":%f}',
    summary.requests,
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    latency.max / 1000
  ))
end
