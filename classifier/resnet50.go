package classifier

import "fmt"

// resNet50 is torchvision's, which the authors train on ImageNet (code/architectures.py:29-31); the strides are in
// the 3×3 convolutions.
func resNet50(classes int) *Architecture {
	r := &resNet{
		input:   Shape{224, 224, 3},
		classes: classes,
		scaling: imageNetScaling(),
		stem:    convNorm{"conv1", "bn1", 3, 64, 7, 2},
		pool:    true,
	}
	in := 64
	for stage, blocks := range []int{3, 4, 6, 3} {
		width := 64 << stage
		for i := range blocks {
			r.blocks = append(
				r.blocks,
				bottleneck(fmt.Sprintf("layer%d.%d.", stage+1, i), in, width, firstStride(stage, i)),
			)
			in = 4 * width
		}
	}
	return r.architecture(
		"resnet50",
		"ResNet-50 for 224×224×3 images of ImageNet's 1000 classes, batch norm",
		"resnet-50",
	)
}

// bottleneck is a 1×1, a 3×3 and a 1×1 convolution, the last one to 4·width channels.
func bottleneck(name string, in, width, stride int) residual {
	return residual{
		layers: []convNorm{
			{name + "conv1", name + "bn1", in, width, 1, 1},
			{name + "conv2", name + "bn2", width, width, 3, stride},
			{name + "conv3", name + "bn3", width, 4 * width, 1, 1},
		},
		shortcut: shortcut(name, in, 4*width, stride),
	}
}
