-- The life of chisels that show the machine at one moment (lsof, netstat, ps, lscontainers) and then stop.
-- The moment is the first event that passes the command line's filter: evt.num=5000 shows the state as of that event.

local snapshot = {}

--- Makes the running chisel call show() once and end.
function snapshot.define(show)
  local shown = false

  local function once()
    if not shown then
      shown = true
      show()
      sysdig.end_capture()
    end
  end

  function on_capture_start()
    -- Live, the state is known now, and the first event may take its time.
    if sysdig.is_live() and sysdig.get_filter() == "" then
      once()
    end
    return true
  end

  function on_event()
    once()
    return false
  end

  function on_capture_end()
    -- A recording without a matching event still has a state: the last one.
    if not shown then
      shown = true
      show()
    end
    return true
  end
end

--- Threads of the table by ascending tid.
function snapshot.by_tid(threads)
  local list = {}
  for _, thread in pairs(threads) do
    list[#list + 1] = thread
  end
  table.sort(list, function(a, b) return a.tid < b.tid end)
  return list
end

--- Descriptors of a thread by ascending number: array of { number, entry }.
function snapshot.by_number(fdtable)
  local list = {}
  for number, entry in pairs(fdtable) do
    list[#list + 1] = { tonumber(number), entry }
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

--- The one argument of these chisels, a filter for the table; on_set_arg puts it into holder.filter.
function snapshot.filter_argument(holder, description)
  function on_set_arg(name, value)
    holder.filter = value
    return true
  end
  return { { name = "filter", description = description, argtype = "filter", optional = true } }
end

return snapshot
