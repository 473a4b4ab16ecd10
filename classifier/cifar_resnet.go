package classifier

import "fmt"

// resNet20 and resNet110 are the authors' CIFAR-10 networks (code/archs/cifar_resnet.py).
func resNet20(classes int) *Architecture  { return cifarResNet(20, classes) }
func resNet110(classes int) *Architecture { return cifarResNet(110, classes) }

// cifarResNet has depth = 6n+2 layers: three stages of n blocks of two 3×3 convolutions, 16, 32 and 64 channels wide.
func cifarResNet(depth, classes int) *Architecture {
	r := &resNet{
		input:   Shape{32, 32, 3},
		classes: classes,
		scaling: cifarScaling(),
		stem:    convNorm{"conv1", "bn1", 3, 16, 3, 1},
	}
	in := 16
	for stage, width := range []int{16, 32, 64} {
		for i := range (depth - 2) / 6 {
			r.blocks = append(
				r.blocks,
				basicBlock(fmt.Sprintf("layer%d.%d.", stage+1, i), in, width, firstStride(stage, i)),
			)
			in = width
		}
	}
	return r.architecture(
		fmt.Sprintf("resnet%d", depth),
		fmt.Sprintf("ResNet-%d for 32×32×3 images: CIFAR's, 16 to 64 channels, batch norm", depth),
		fmt.Sprintf("cifar_resnet%d", depth),
		fmt.Sprintf("resnet-%d", depth),
	)
}

// firstStride is 2 in the first block of every stage but the first.
func firstStride(stage, block int) int {
	if stage > 0 && block == 0 {
		return 2
	}
	return 1
}

// basicBlock is two 3×3 convolutions; the first one takes the stride.
func basicBlock(name string, in, out, stride int) residual {
	return residual{
		layers: []convNorm{
			{name + "conv1", name + "bn1", in, out, 3, stride},
			{name + "conv2", name + "bn2", out, out, 3, 1},
		},
		shortcut: shortcut(name, in, out, stride),
	}
}

// shortcut is a 1×1 convolution where a block changes the shape, else the identity.
func shortcut(name string, in, out, stride int) *convNorm {
	if in == out && stride == 1 {
		return nil
	}
	return &convNorm{name + "downsample.0", name + "downsample.1", in, out, 1, stride}
}
