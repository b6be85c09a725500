-- For wrk: sends the targets of a file in turn, and prints the figures as one JSON line.
-- Argument 1: a file with `target host` on each line.
local requests = {}
local sent = 0

function init(args)
  for line in io.lines(args[1]) do
    local target, host = line:match("^(%S+) (%S+)$")
    requests[#requests + 1] = wrk.format("GET", target, { Host = host })
  end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"badStatus":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
