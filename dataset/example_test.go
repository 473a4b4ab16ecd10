package dataset_test

import (
	"context"
	"fmt"

	"smoothlab/dataset"
)

func ExampleOpen() {
	d, err := dataset.Open(context.Background(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d)
	fmt.Println("image", d.Indices[3], "is a", d.Classes[d.Labels[3]])
	brightest := 0
	for _, p := range d.Image(3) {
		brightest = max(brightest, int(p))
	}
	fmt.Println("its brightest pixel is", float32(brightest)/255)
	// Output:
	// mnist-mini test: 500 of 10,000 images (every 20th), 28×28×1 in [0,1], 10 classes
	// image 60 is a 7
	// its brightest pixel is 1
}

func ExampleOpen_unknown() {
	_, err := dataset.Open(context.Background(), "mnits", "test", dataset.Options{})
	fmt.Println(err)
	// Output:
	// unknown data set "mnits": did you mean "mnist"? known: mnist, fashion-mnist, mnist-mini, cifar10
}

func ExampleDataset_Every() {
	d, err := dataset.Open(context.Background(), "mnist-mini", "test", dataset.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	every5th, err := d.Every(5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(every5th)
	fmt.Println(every5th.Indices[:4])
	// Output:
	// mnist-mini test: 100 of 10,000 images (every 100th), 28×28×1 in [0,1], 10 classes
	// [0 100 200 300]
}

func ExampleList() {
	for _, e := range dataset.List() {
		fmt.Printf("%s: %s\n", e.Name, e.Help)
		for _, s := range e.Splits {
			fmt.Println(" ", s.Name, s.Images, "images")
		}
	}
	// Output:
	// mnist: handwritten digits (LeCun, Cortes, Burges; CC BY-SA 3.0)
	//   train 60000 images
	//   test 10000 images
	// fashion-mnist: articles of clothing (Xiao, Rasul, Vollgraf, Zalando; MIT)
	//   train 60000 images
	//   test 10000 images
	// mnist-mini: 4,000 training and 500 test images of mnist, embedded
	//   train 4000 images
	//   test 500 images
	// cifar10: small photographs of ten things (Krizhevsky 2009)
	//   train 50000 images
	//   test 10000 images
}
