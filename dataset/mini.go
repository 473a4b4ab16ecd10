package dataset

import (
	"context"
	"embed"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
)

//go:generate go run ./internal/makemini -out mini

//go:embed mini/*.gz
var miniFiles embed.FS

// mnistMini returns a subset of MNIST: the first 400 training images of each class, in the original order, and every
// 20th test image, which the published certification logs also contain. internal/makemini makes the files.
func mnistMini() Entry {
	e := mnist()
	e.Name, e.Help = "mnist-mini", "4,000 training and 500 test images of mnist, embedded"
	e.Embedded, e.torchvision = true, ""
	e.Splits = []Split{
		{Name: "train", Images: 4000, Total: 60000,
			ImageFile: File{Name: "train-images-idx3-ubyte.gz", Size: 648002,
				SHA256: "cf992b82c56cb7b0f806eff3edc0422e0da2e26b52ad1f4d0c91cd32c7cdc8bc"},
			LabelFile: File{Name: "train-labels-idx1-ubyte.gz", Size: 1852,
				SHA256: "790e4054bd02b24e3f769bbab995cfe701479e9a528b197de1e4d01af5270139"},
			IndexFile: File{Name: "train-indices-idx1-int.gz", Size: 8766,
				SHA256: "e8091d23f3bd0f05e68ca518ab1df0f42ab2f45c39401b5b4ba6f975d1562751"}},
		{Name: "test", Images: 500, Total: 10000,
			ImageFile: File{Name: "test-images-idx3-ubyte.gz", Size: 79320,
				SHA256: "5b176877eb62d0e89308411206ba2adcfcc92971a50a1b931227e55835f64e09"},
			LabelFile: File{Name: "test-labels-idx1-ubyte.gz", Size: 261,
				SHA256: "d8468e5660b8463f74e4abcc34b79989e12ee25917fb053411a571700f329649"},
			IndexFile: File{Name: "test-indices-idx1-int.gz", Size: 1135,
				SHA256: "6bc512ed5401c78d66d6b79db77a1c80e5f814cd38ddf414a1d731d75fe01572"}},
	}
	return e
}

// openMini reads a split of the embedded data set. It checks them like external files, to detect a build from a damaged
// checkout.
func openMini(ctx context.Context, e Entry, s Split) (*Dataset, error) {
	images, err := readMini(ctx, s.ImageFile, imageLayout(e.Height, e.Width))
	if err != nil {
		return nil, err
	}
	labels, err := readMini(ctx, s.LabelFile, labelLayout())
	if err != nil {
		return nil, err
	}
	indices, err := readMini(ctx, s.IndexFile, indexLayout())
	if err != nil {
		return nil, err
	}
	if err := checkPair(e, Found{Images: s.ImageFile.Name, Labels: s.LabelFile.Name}, images, labels); err != nil {
		return nil, err
	}
	d := assemble(e, s, images, labels)
	for b := range slices.Chunk(indices.data, 4) {
		d.Indices = append(d.Indices, int(binary.BigEndian.Uint32(b)))
	}
	if len(d.Indices) != d.Len() || !slices.IsSorted(d.Indices) || d.Indices[d.Len()-1] >= d.Total {
		return nil, fmt.Errorf("%s: expected %d rising indices below %d", s.IndexFile.Name, d.Len(), d.Total)
	}
	return d, nil
}

func readMini(ctx context.Context, file File, want layout) (idx, error) {
	f, err := miniFiles.Open(path.Join("mini", file.Name))
	if err != nil {
		return idx{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return idx{}, err
	}
	got, err := readIDX(ctx, "embedded "+file.Name, f, info.Size(), want)
	if err == nil && got.sums[0] != file.SHA256 {
		err = fmt.Errorf(
			"embedded %s: its SHA-256 is %s, expected %s: the source tree is damaged",
			file.Name,
			got.sums[0],
			file.SHA256,
		)
	}
	return got, err
}
