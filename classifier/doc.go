// Package classifier holds the networks as graph functions, their list, and the files in which trained ones are kept.
//
// An [Architecture] describes a network: its input ([Shape]), its parameters (names and layouts are PyTorch's, so a
// file written here loads into the authors' code and back) and the function that computes logits from them. A [Param]
// is trained, or it is a statistic or a counter of batch norm, which passes in training mode change ([Role]); a [Pass]
// selects the mode. A [Classifier] is an architecture with values for its parameters and the [Facts] needed to use it,
// class names among them: it is plain data on the host, may be read by many goroutines, and changes only by being
// replaced. A [Checkpoint] is a Classifier together with whatever its trainer needs to resume, and is one safetensors
// file.
//
// [FromTorch] reads weights that PyTorch or another program saved, as an [Import] says. [Architecture.WithClasses] and
// [Architecture.WithScaling] make networks with other outputs or another first layer, [Classifier.WithHead] a
// classifier with a new last layer.
//
// Lifecycle: [Lookup] an architecture, [New] draws initial parameters from a seed (or [Load] reads them), a trainer or
// a voter uploads them, trains and gives back a new Classifier, [Checkpoint.Save] writes it next to the target and
// renames.
//
// Traps. Images are [N, H, W, C] in [0,1] pixel units although weights keep PyTorch's [out, in, kh, kw];
// normalisation, where a network has one ([Scaling]), is inside it, so that noise is added and radii are certified in
// pixel units. The Train pass replaces the running statistics in the [Weights] that it is given: give it a map of its
// own. Batch norm's gradients in GoMLX are silently wrong (v0.28.2): ours is in batchnorm.go. Logits of one image
// agree between batch shapes to about 1e-5, not bit for bit. Biases and rectifiers come after the pooling: the same
// function as the authors' order on a quarter of the elements, and the same gradient, because ties inside a window are
// broken to the first element as PyTorch does.
//
// A network with other outputs or another first layer has another Name, because compiled programs are kept, and
// fingerprints made, by it; Base is its name in the list. [Classifier.Check] is the only guard against NaN in weights:
// XLA's maximum on a CPU drops it. [Classifier.Fits] calls it, and compares class names, so that every user of a
// classifier has to call Fits.
//
// Entry points: [Architectures], [Lookup], [New], [Load], [FromTorch], [Classifier.Fits], [Checkpoint.Save].
package classifier
