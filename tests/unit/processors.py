"""What the processor at hand can compute, asked in another way than the library does."""

import pytest
import torch

#: oneDNN computes LSTMs in bfloat16 on x86 with AVX-512; it heeds ONEDNN_MAX_CPU_ISA, which plays an older processor.
BFLOAT16 = torch.ops.mkldnn._is_mkldnn_bf16_supported()

needs_bfloat16 = pytest.mark.skipif(not BFLOAT16, reason="this processor trains no LSTM in bfloat16")
