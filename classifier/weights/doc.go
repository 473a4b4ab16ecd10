// Package weights reads weights that other programs saved: PyTorch's files, plain or inside a checkpoint (.pt, .pth,
// .pth.tar), safetensors, and NumPy's .npz. It does not know networks: it returns tensors by name.
//
// [Read] recognises a file by its first bytes and returns a [File]: the network's name if the file has it, as the
// authors' checkpoints do, and a [Set] of tensors, converted to float32, for each dict that holds some. The caller
// chooses the set and the prefix.
//
// A PyTorch file holds a pickle, a program for a small machine that builds Python objects. It is run by an interpreter
// (gopickle) that knows only the few Python names in this package that make up tensors; any other name is refused
// before anything is called, so no code of a file is ever executed. Weights that are kept as objects of Python classes,
// as torch.save(model) does, cannot be read for that reason, and are refused with that explanation.
//
// Traps. Files are read whole. Tensors of torch.save share storages and may be views of them; tensors are returned
// contiguous and row-major. Whole numbers, such as a count of batches, are converted too: Tensor.Type has their type in
// the file.
package weights
