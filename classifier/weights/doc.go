// Package weights reads weights that other programs saved: PyTorch's files, plain or inside a checkpoint (.pt, .pth,
// .pth.tar), safetensors, and NumPy's .npz. It knows no network: what comes out are tensors by name.
//
// [Read] takes a file, whose first bytes decide what it is, and gives a [File]: the network's name where the file has
// it, as the authors' checkpoints do, and a [Set] of tensors, converted to float32, for each dict that holds some.
// Which set is wanted, and under which prefix, is for the caller to decide.
//
// A PyTorch file holds a pickle, a program for a small machine that builds Python objects. It is run by a machine
// (gopickle) that knows of Python only the few names in this package that make up tensors; any other name is refused
// before anything is called, so no code of a file is ever executed. Weights that are kept as objects of Python classes,
// as torch.save(model) does, cannot be read for that reason: the error says so.
//
// Traps. Files are read whole. Tensors of torch.save share storages and may be views of them; what comes out is always
// contiguous, row-major. Whole numbers, such as a count of batches, are converted too: Tensor.Type says what they were.
package weights
