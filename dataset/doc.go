// Package dataset opens labelled images: MNIST, Fashion-MNIST, CIFAR-10 and
// mnist-mini, a part of MNIST that is embedded and needs no files; and your own,
// from a directory of pictures or a NumPy file.
//
// # Nouns
//
// A [Dataset] is images held in memory with their labels, the class names and,
// for every image, its index in the original split. An [Entry] is one line of
// [List]: what can be opened, and the published files it comes from.
// A [Folder] is a place that is searched.
//
// # Lifecycle
//
// [Open] searches Options.Folder (else the folder that the environment variable
// SMOOTHLAB_DATA names), then the user's data folder, then downloads the
// missing files into the user's data folder, checked against their SHA-256. The
// user's data folder is $XDG_DATA_HOME/smoothlab/data, by default
// ~/.local/share/smoothlab/data. In each folder a data set may lie in a
// subfolder of its name (mnist/), in torchvision's layout (MNIST/raw/), or in
// the folder itself. Files may be plain or gzip; the content decides, not the
// name. [Dataset.Slice], [Dataset.Every] and [Dataset.Select] then make smaller
// data sets, which own their memory.
//
// # Traps
//
//   - Pixels are bytes: p stands for p/255 in [0,1]. Sigma and radii elsewhere
//     are in the [0,1] unit, so divide before noise is added.
//   - The position of an image in a Dataset is not its index: certification
//     logs and random draws go by Indices[position].
//   - A folder may hold files of one's own under the published names. They are
//     read, with any number of images; a note then says that they differ.
//   - CIFAR-10 may be there in part: any of the batches of its binary version,
//     each of them cut short or not, in a directory or in the published archive,
//     or of its Python version, which torchvision keeps.
//     Indices are those of the whole, and a note says what is missing. Its pixels are
//     those of the files; mirrored and shifted copies are made by [CropFlip], for
//     training only.
//   - Where a name is in no list it is a path: of an .npz file ([OpenNPZ]) or of
//     a directory of class directories ([OpenFolder]), which scales large pictures
//     down. What is unusual about them is in [Dataset.Notes]: read it.
//   - The order of classes decides what a label means. Options.Classes gives that of
//     a classifier.
//   - All pixels are in memory. Options.MaxBytes bounds them, by default at a
//     quarter of the machine's memory.
//   - MNIST and Fashion-MNIST use the same file names. A folder named after
//     another data set is passed over, and a file that is by its checksum
//     another published file is refused.
//
// # Entry points
//
// [Open], [OpenFolder], [OpenNPZ], [List], [Folders], [Dataset], [CropFlip].
package dataset
