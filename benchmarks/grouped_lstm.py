"""Several backbones trained as one: what was tried to make the LSTM faster on a CPU, and was not.

The recurrent products of both directions of all models are one batched product a time step; the input projections and
the gradients of the weights are one product a layer. A time step's gates are in the order of PyTorch: i, f, g, o.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from nnpm.model.backbone import SNSA


class GroupedLSTM(nn.Module):
    """What follows the encoder in each of `backbones`, all in one pass."""

    def __init__(self, backbones: Sequence[SNSA]) -> None:
        super().__init__()
        self.backbones = nn.ModuleList(backbones)

    def forward(self, encoded: Tensor) -> list[Tensor]:
        """(models, batch, steps, channels) -> features z of each model, (batch, width)."""
        models, batch, steps, _ = encoded.shape
        x = encoded.transpose(1, 2)  # (models, steps, batch, channels)
        for layer in range(2):
            lstms = [backbone.lstm for backbone in self.backbones]
            parameters = [
                torch.stack([getattr(lstm, name + direction) for lstm in lstms for direction in ("", "_reverse")])
                for name in (f"weight_ih_l{layer}", f"weight_hh_l{layer}", f"bias_ih_l{layer}", f"bias_hh_l{layer}")
            ]
            both = torch.stack([x, x.flip(1)], dim=1).flatten(0, 1)  # (models x directions, steps, batch, channels)
            hidden = Recurrence.apply(both, *parameters).view(models, 2, steps, batch, -1)
            x = self.backbones[0].dropout(torch.cat([hidden[:, 0], hidden[:, 1].flip(1)], dim=-1))
        return [backbone.attention(x[index].transpose(0, 1)) for index, backbone in enumerate(self.backbones)]


class Recurrence(torch.autograd.Function):
    """An LSTM layer of G groups, each with weights of its own, over inputs (G, steps, batch, channels)."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
        """Hidden states, (G, steps, batch, width)."""
        groups, steps, batch, channels = x.shape
        width = w_hh.shape[2]
        flat = torch.baddbmm((b_ih + b_hh)[:, None], x.reshape(groups, -1, channels), w_ih.transpose(1, 2))
        gates = flat.view(groups, steps, batch, 4 * width).transpose(0, 1).contiguous()
        hidden, cells, tanhs = (x.new_empty(steps, groups, batch, width) for _ in range(3))
        recurrent = w_hh.transpose(1, 2).contiguous()
        for t in range(steps):
            if t:
                gates[t].baddbmm_(hidden[t - 1], recurrent)
            i, f, g, o = gates[t].chunk(4, dim=-1)
            for gate in (i, f, o):
                gate.sigmoid_()
            torch.mul(i, g.tanh_(), out=cells[t])
            if t:
                cells[t].addcmul_(f, cells[t - 1])
            torch.tanh(cells[t], out=tanhs[t])
            torch.mul(o, tanhs[t], out=hidden[t])
        ctx.save_for_backward(x, w_ih, w_hh, gates, hidden, cells, tanhs)
        return hidden.transpose(0, 1)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, ...]:
        """Gradients of the five inputs, given that of the hidden states."""
        x, w_ih, w_hh, gates, hidden, cells, tanhs = ctx.saved_tensors
        groups, steps, batch, channels = x.shape
        width = w_hh.shape[2]
        grad = grad.transpose(0, 1)
        i, f, g, o = gates.chunk(4, dim=-1)
        d = torch.empty_like(gates)  # first the derivatives of the gates, which need no loop
        d[..., :width] = g * i * (1 - i)
        d[0, ..., width : 2 * width] = 0
        d[1:, ..., width : 2 * width] = cells[:-1] * (f * (1 - f))[1:]
        d[..., 2 * width : 3 * width] = i * (1 - g * g)
        d[..., 3 * width :] = tanhs * o * (1 - o)
        through_tanh = o * (1 - tanhs * tanhs)
        d_cell = torch.zeros_like(cells[0])
        for t in reversed(range(steps)):
            d_hidden = grad[t] if t == steps - 1 else torch.baddbmm(grad[t], d[t + 1], w_hh)
            d_cell = torch.addcmul(d_cell, d_hidden, through_tanh[t])
            d[t].view(groups, batch, 4, width)[:, :, :3].mul_(d_cell[:, :, None])
            d[t][..., 3 * width :].mul_(d_hidden)
            d_cell = d_cell * f[t]
        d = d.transpose(0, 1)
        d_hh = d[:, 1:].reshape(groups, -1, 4 * width).transpose(1, 2) @ hidden[:-1].transpose(0, 1).reshape(
            groups, -1, width
        )
        d = d.reshape(groups, -1, 4 * width)
        d_x = (d @ w_ih).view_as(x) if ctx.needs_input_grad[0] else None
        d_bias = d.sum(dim=1)
        return d_x, d.transpose(1, 2) @ x.reshape(groups, -1, channels), d_hh, d_bias, d_bias
