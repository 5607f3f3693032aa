"""Asks the processor for memory before it is needed: what makes a scan of scattered rows as fast as one in order."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from retrieval.index.kernels.compiled import compiled

_LINE = 64  # bytes that come with one request


@intrinsic
def _request(typing_context: Any, array: Any, offset: Any) -> Any:
    """Requests the cache line at `offset` bytes into the array's data; an address outside it does no harm."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.gep(builder.bitcast(data, byte), [arguments[1]])
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        read, all_levels, data_cache = number(0), number(3), number(1)
        builder.call(prefetch, [address, read, all_levels, data_cache])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


@compiled
def prefetch_row(matrix: Any, row: int) -> None:
    """Requests one row of a C-contiguous matrix."""
    width = matrix.shape[1] * matrix.itemsize
    for at in range(0, width, _LINE):
        _request(matrix, row * width + at)


@compiled
def prefetch_cell(cells: Any, at: int) -> None:
    """Requests one cell of a contiguous array."""
    _request(cells, at * cells.itemsize)
