package train

import (
	"smoothlab/baseline"
	"smoothlab/internal/suggest"
	"smoothlab/method"
	"smoothlab/smoothmix"
)

// MethodEntry describes one method of the list.
type MethodEntry struct {
	Name, Help, Source string
	New                func() method.Method // returns the method with the authors' defaults
}

// Methods lists the training objectives: each has one file, in smoothmix or baseline, and one entry here.
func Methods() []MethodEntry {
	return []MethodEntry{
		{
			"gaussian",
			"cross-entropy on noisy images",
			"Cohen et al. 2019; code/train_cohen.py",
			func() method.Method { return baseline.NewGaussian() },
		},
		{
			"laplace",
			"cross-entropy on images with Laplace noise, which certifies in L1",
			"Lécuyer et al. 2019; Teng et al. 2020",
			func() method.Method { return baseline.NewNoisy("laplace") },
		},
		{
			"uniform",
			"cross-entropy on images with uniform noise, which certifies in L1",
			"Yang et al. 2020",
			func() method.Method { return baseline.NewNoisy("uniform") },
		},
		{
			"smoothmix",
			"mix each image with an adversarial point of the smoothed classifier",
			"Jeong et al. 2021; code/train.py",
			func() method.Method { return smoothmix.New() },
		},
		{
			"stability",
			"cross-entropy on clean images, with noisy predictions pulled towards the clean ones",
			"Li et al. 2019; code/train_stab.py",
			func() method.Method { return baseline.NewStability() },
		},
		{
			"smoothadv",
			"adversarial training of the smoothed classifier (PGD)",
			"Salman et al. 2019; code/train_salman.py",
			func() method.Method { return baseline.NewSmoothAdv() },
		},
		{
			"smoothadv+ddn",
			"adversarial training with the smallest perturbation that changes the majority (DDN)",
			"Salman et al. 2019; code/train_salman.py --attack DDN",
			func() method.Method { return baseline.NewSmoothAdvDDN() },
		},
		{
			"macer",
			"maximise the certified radius",
			"Zhai et al. 2020; code/train_macer.py",
			func() method.Method { return baseline.NewMACER() },
		},
		{
			"consistency",
			"pull the predictions under different noise samples together",
			"Jeong and Shin 2020; code/train_consistency.py",
			func() method.Method { return baseline.NewConsistency() },
		},
		{"smoothadv+consistency", "consistency on adversarial images", "code/train_consistency.py --adv-training",
			func() method.Method { return baseline.NewSmoothAdvConsistency() }},
		{
			"catrs",
			"train on the easy noisy copies of each image, and attack the noise of images that are classified with confidence",
			"Jeong, Kim and Shin 2023; alinlab/smoothing-catrs, code/train_catrs.py; needs soft labels",
			func() method.Method { return baseline.NewCATRS() },
		},
		{
			"acrboost",
			"drop hard images, draw easy ones more often, and attack the noise: for a larger ACR, not for more robustness",
			"Sun et al. 2025, who use it to show that the ACR is a poor metric",
			func() method.Method { return baseline.NewACRBoost() },
		},
	}
}

// NewMethod returns a method of the list. Its error suggests the nearest name.
func NewMethod(name string) (method.Method, error) {
	e, err := suggest.Find("method", name, Methods(), func(e MethodEntry) string { return e.Name })
	if err != nil {
		return nil, err
	}
	return e.New(), nil
}
