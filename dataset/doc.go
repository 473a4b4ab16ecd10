// Package dataset opens labelled images: MNIST, Fashion-MNIST, CIFAR-10 and mnist-mini, an embedded subset of MNIST
// that needs no files; and your own, from a directory of images or a NumPy file.
//
// # Nouns
//
// A [Dataset] holds images in memory with their labels, the class names and, for every image, its index in the original
// split. An [Entry] is one line of [List]: a data set that can be opened, and its published files. A [Dir] is a
// directory that is searched.
//
// # Lifecycle
//
// [Open] searches Options.Dir (else the directory that the environment variable SMOOTHLAB_DATA names), then the user's
// data directory, then downloads the missing files into the user's data directory, checked against their SHA-256. The user's
// data directory is $XDG_DATA_HOME/smoothlab/data, by default ~/.local/share/smoothlab/data. In each directory a data set may
// be in a subdirectory of its name (mnist/), in torchvision's layout (MNIST/raw/), or in the directory itself. Files may
// be plain or gzip; their content decides, not their name. [Dataset.Slice], [Dataset.Every] and [Dataset.Select] then
// make smaller data sets, which own their memory.
//
// # Traps
//
//   - Pixels are bytes: p means p/255 in [0,1]. Sigma and radii elsewhere are in units of [0,1], so divide before noise
//     is added.
//   - The position of an image in a Dataset is not its index: certification logs and random draws use
//     Indices[position].
//   - A directory may hold other files under the published names. They are read, with any number of images, and a note
//     reports that they differ.
//   - CIFAR-10 may be incomplete: any of the batches of its binary version, in a directory or in the published archive,
//     or of its Python version, which torchvision keeps; a batch may be cut short. Indices are those of the whole data
//     set, and a note lists what is missing. Pixels are as in the files; [CropFlip] makes mirrored and shifted copies,
//     for training only.
//   - A name that is not in the list is a path: of an .npz file ([OpenNPZ]) or of a directory of class directories
//     ([OpenDir]), whose large images are scaled down. Anything unusual about them is in [Dataset.Notes]: read it.
//   - The order of classes decides what a label means. Options.Classes can set a classifier's order.
//   - All pixels are in memory. Options.MaxBytes bounds them, by default at a quarter of the machine's memory.
//   - MNIST and Fashion-MNIST use the same file names. A directory named after another data set is skipped, and a file
//     whose checksum is that of another published file is refused.
//
// # Entry points
//
// [Open], [OpenDir], [OpenNPZ], [List], [Dirs], [Dataset], [CropFlip].
package dataset
