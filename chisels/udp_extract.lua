description = "Writes the payloads of each UDP flow of a recording (DNS excepted) to a file of its own in ./udp_dump_files, named "
  .. "after the flow's two ends. Data that was cut when recording (see -s) is missing here too."
short_description = "extract data from UDP streams to files."
category = "I/O"
args = {}

local FOLDER = "udp_dump_files"

local field = evt.field
local f_data, f_client, f_client_port, f_server, f_server_port
local files = {} -- flow -> open file
local order = {}

function on_init()
  f_data = chisel.request_field("evt.rawarg.data")
  f_client = chisel.request_field("fd.cip")
  f_client_port = chisel.request_field("fd.cport")
  f_server = chisel.request_field("fd.sip")
  f_server_port = chisel.request_field("fd.sport")
  sysdig.set_snaplen(65000)
  chisel.set_filter("evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.l4proto=udp and fd.port!=53")
  return true
end

function on_capture_start()
  os.execute("mkdir -p " .. FOLDER)
  return true
end

local function file_of(flow)
  local file = files[flow]
  if file == nil then
    local message
    file, message = io.open(FOLDER .. "/" .. flow, "wb")
    if file == nil then
      error("cannot write " .. FOLDER .. "/" .. flow .. ": " .. tostring(message), 0)
    end
    files[flow] = file
    order[#order + 1] = flow
  end
  return file
end

function on_event()
  local data, client, server = field(f_data), field(f_client), field(f_server)
  if data == nil or client == nil or server == nil then
    return false
  end
  local flow = client .. "_" .. tostring(field(f_client_port)) .. "--" .. server .. "_" .. tostring(field(f_server_port))
  file_of(flow):write(data)
  return false
end

function on_capture_end()
  for i = 1, #order do
    files[order[i]]:close()
  end
  return true
end
