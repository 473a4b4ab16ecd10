package dataset

import (
	"smoothlab/internal/suggest"
)

// Entry describes a data set that [Open] opens.
type Entry struct {
	Name string
	Help string // one line
	// Height, Width and Channels are the shape of one image, in pixels.
	Height, Width, Channels int
	Classes                 []string // class names; index = label
	Splits                  []Split
	// Embedded reports whether the data set is part of the program: nothing is searched or downloaded.
	Embedded bool
	// Archive is a tar.gz with the splits' batches; empty if the splits are single files.
	Archive File

	torchvision string // name of torchvision's directory for it
}

// Split is a part of a data set, with the files that hold it.
type Split struct {
	Name   string // "train" or "test"
	Images int    // number of images
	Total  int    // number of images of the original split: more than Images in a subset
	// ImageFile and LabelFile are IDX files of bytes. IndexFile, of 32-bit
	// integers, is for a subset only.
	ImageFile, LabelFile, IndexFile File
	// Batches are files of CIFAR-10's binary layout instead, in their order, inside the entry's Archive.
	Batches []File
}

// File is a published file.
type File struct {
	Name   string   // as published
	Size   int64    // bytes, as published
	SHA256 string   // SHA-256 of the published file, in hexadecimal
	URLs   []string // download addresses, in the order in which they are tried

	unpacked string // SHA-256 of the unpacked content; empty if unknown
}

// List returns all data sets, in the order of help.
func List() []Entry {
	return []Entry{mnist(), fashionMNIST(), mnistMini(), cifar10()}
}

// find returns the entry of that name; its error suggests the nearest.
func find(name string) (Entry, error) {
	return suggest.Find("data set", name, List(), func(e Entry) string { return e.Name })
}

// split returns the split of that name; its error suggests the nearest.
func (e Entry) split(name string) (Split, error) {
	return suggest.Find("split of "+e.Name, name, e.Splits, func(s Split) string { return s.Name })
}

// Checksums of the packed MNIST and Fashion-MNIST files: TensorFlow Datasets,
// url_checksums/mnist.txt and url_checksums/fashion_mnist.txt.

func mnist() Entry {
	bases := []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
	}
	return Entry{
		Name: "mnist", Help: "handwritten digits (LeCun, Cortes, Burges; CC BY-SA 3.0)",
		Height: 28, Width: 28, Channels: 1, Classes: digits(),
		torchvision: "MNIST",
		Splits: []Split{
			{
				Name:   "train",
				Images: 60000,
				Total:  60000,
				ImageFile: File{
					Name:     "train-images-idx3-ubyte.gz",
					Size:     9912422,
					URLs:     urls(bases, "train-images-idx3-ubyte.gz"),
					SHA256:   "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
					unpacked: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
				},
				LabelFile: File{
					Name:     "train-labels-idx1-ubyte.gz",
					Size:     28881,
					URLs:     urls(bases, "train-labels-idx1-ubyte.gz"),
					SHA256:   "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
					unpacked: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
				},
			},
			{
				Name:   "test",
				Images: 10000,
				Total:  10000,
				ImageFile: File{
					Name:     "t10k-images-idx3-ubyte.gz",
					Size:     1648877,
					URLs:     urls(bases, "t10k-images-idx3-ubyte.gz"),
					SHA256:   "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
					unpacked: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
				},
				LabelFile: File{
					Name:     "t10k-labels-idx1-ubyte.gz",
					Size:     4542,
					URLs:     urls(bases, "t10k-labels-idx1-ubyte.gz"),
					SHA256:   "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
					unpacked: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
				},
			},
		},
	}
}

func fashionMNIST() Entry {
	// The publisher's host has plain HTTP only; the checksum protects the file.
	bases := []string{
		"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
	}
	return Entry{
		Name: "fashion-mnist", Help: "articles of clothing (Xiao, Rasul, Vollgraf, Zalando; MIT)",
		Height: 28, Width: 28, Channels: 1,
		Classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
			"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
		torchvision: "FashionMNIST",
		Splits: []Split{
			{
				Name:   "train",
				Images: 60000,
				Total:  60000,
				ImageFile: File{
					Name:   "train-images-idx3-ubyte.gz",
					Size:   26421880,
					URLs:   urls(bases, "train-images-idx3-ubyte.gz"),
					SHA256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
				},
				LabelFile: File{
					Name:   "train-labels-idx1-ubyte.gz",
					Size:   29515,
					URLs:   urls(bases, "train-labels-idx1-ubyte.gz"),
					SHA256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
				},
			},
			{
				Name:   "test",
				Images: 10000,
				Total:  10000,
				ImageFile: File{
					Name:   "t10k-images-idx3-ubyte.gz",
					Size:   4422102,
					URLs:   urls(bases, "t10k-images-idx3-ubyte.gz"),
					SHA256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
				},
				LabelFile: File{
					Name:   "t10k-labels-idx1-ubyte.gz",
					Size:   5148,
					URLs:   urls(bases, "t10k-labels-idx1-ubyte.gz"),
					SHA256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
				},
			},
		},
	}
}

func digits() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}

func urls(bases []string, file string) []string {
	var all []string
	for _, base := range bases {
		all = append(all, base+file)
	}
	return all
}
