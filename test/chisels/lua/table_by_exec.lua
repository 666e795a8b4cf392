-- A chisel as sysdig's wrappers are: it hands over to table_generator.
description = "hands over to table_generator"
short_description = "exec check"
category = "Misc"
args = {}

function on_init()
  chisel.exec("table_generator", "proc.name,evt.type", "Name,Call", "evt.count", "Times", "evt.dir=< and container.name=db",
    "3", "none")
  return true
end
