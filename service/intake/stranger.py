"""The process that reads one stranger's file: gives up its rights, finds the format, says row after row."""

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from service.intake import confinement, frames
from service.intake.model import Columns, Format, Layout, Limits, Notation, Record
from service.kit.errors import Kind, Refused


def main() -> None:
    """Read standard input after the order in the first argument; frames go to standard output."""
    # Libraries for linear algebra start a thread for each processor, which is denied here.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # Rows hold no cycles, and looking for them takes longer than reading.
    gc.disable()
    order = json.loads(sys.argv[1])
    layout, limits = _layout(order["layout"]), Limits(**order["limits"])
    out = _own_output()
    writer = frames.Writer(lambda body: _write(out, body))
    folder = Path(order["folder"])
    try:
        os.chdir(folder)
        confinement.confine(folder, limits, order["parent"])
        _tell(writer, layout, limits)
    except confinement.NotConfined as error:
        detail = f"Files cannot be read here: the reading process cannot be shut off from the network ({error})."
        remedy = "Run the service on Linux with seccomp allowed; `docker run` allows it by default."
        writer.refuse(Refused(Kind.UNAVAILABLE, "reading-not-confined", detail, remedy=remedy))
    except Refused as refused:
        writer.refuse(refused)
    except MemoryError:
        writer.refuse(_out_of_memory(limits))
    except Exception:  # noqa: BLE001 - the one broad handler of this process: its last words go to the parent's log
        writer.crash(traceback.format_exc())


def _own_output() -> int:
    """Keep the pipe for ourselves: no library's chatter may get into it."""
    out = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return out


def _write(out: int, body: bytes) -> None:
    view = memoryview(body)
    while view:
        view = view[os.write(out, view) :]


def _tell(writer: frames.Writer, layout: Layout, limits: Limits) -> None:
    from service.intake import gathering, opening  # noqa: PLC0415 - the first that look at the file: after confinement

    rows = 0
    for item in gathering.gathered(opening.read(layout, limits, writer.advanced), layout, limits):
        rows += isinstance(item, Record)
        writer.add(item)
    writer.advanced(os.fstat(0).st_size)
    writer.end(rows)


def _out_of_memory(limits: Limits) -> Refused:
    most = limits.memory_bytes >> 20
    detail = f"The file needs more than {most} MiB of memory to be read; nothing of it was taken."
    return Refused(Kind.TOO_LARGE, "reading-needs-memory", detail, remedy="Import it in parts.")


def _layout(order: dict[str, Any]) -> Layout:
    columns = order.pop("columns")
    notation = columns.pop("notation")
    form = order.pop("format")
    return Layout(
        **order,
        format=Format(form) if form else None,
        columns=Columns(**columns, notation=Notation(notation) if notation else None),
    )


if __name__ == "__main__":
    main()
