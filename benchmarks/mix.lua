-- Sends the requests of a file in turn. Arguments: the file (a line each: target, tab, media type),
-- "new" or "warm", and the number to count from; "new" ends each query in a comment of its own.
-- wrk runs init and request in one thread, done in another: done sees nothing of theirs.

local prepared = {}
local fresh, counter

function init(args)
  fresh, counter = args[2] == "new", tonumber(args[3])
  for line in io.lines(args[1]) do
    local target, accept = line:match("^(.-)\t(.*)$")
    prepared[#prepared + 1] = { target = target, headers = { Accept = accept } }
  end
end

function request()
  counter = counter + 1
  local one = prepared[counter % #prepared + 1]
  local target = fresh and one.target .. "%0A%23" .. counter or one.target
  return wrk.format("GET", target, one.headers)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "refused": %d, "lost": %d, "late": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write, errors.timeout
  ))
end
