package glossary

func certificationTerms() []Entry {
	return []Entry{
		{"abstain", []string{"abstention"}, certification,
			"To return no class for an image, because the votes do not show a majority with the required confidence. " +
				"An abstention counts as radius 0 and as not correct."},
		{"ACR", []string{"average certified radius"}, certification,
			"Average certified radius: the mean over all test images of the certified radius, with 0 for images that " +
				"are misclassified or on which the classifier abstains."},
		{
			"alpha",
			[]string{"confidence", "error probability"},
			certification,
			"In certification, the probability with which a certificate may be wrong: a radius holds with probability " +
				"at least 1 − alpha over the noise samples. In SmoothMix, alpha is the length of a search step.",
		},
		{"approximate certified test set accuracy", []string{"approximate certified accuracy"}, certification,
			"Certified accuracy computed from certificates that each hold with probability 1 − alpha. " +
				"It ignores the chance that some of them are wrong."},
		{"base classifier", []string{"base network"}, certification,
			"The trained network f that classifies single noisy images. " +
				"Its majority vote under noise is the smoothed classifier."},
		{"betting bound", []string{"confidence sequence", "betting"}, certification,
			"A lower bound on a probability that holds at every number of votes at the same time. " +
				"Sampling may therefore stop as soon as the bound suffices."},
		{"certificate", nil, certification,
			"The statement that the smoothed classifier gives one class for every perturbation of an image up to the " +
				"certified radius, with probability at least 1 − alpha."},
		{"certified accuracy", []string{"certified test accuracy"}, certification,
			"At radius r: the share of test images whose certificate is correct and has a radius of at least r."},
		{"certified radius", []string{"radius"}, certification,
			"The distance from an image within which the class of the smoothed classifier provably does not change. " +
				"With Gaussian noise it is an L2 distance, sigma·Φ⁻¹(p), in units of pixels in [0,1]."},
		{
			"certify",
			[]string{"CERTIFY"},
			certification,
			"The procedure of Cohen et al. 2019: choose a class by N0 votes, bound its probability p by N fresh votes, " +
				"and abstain or return the radius of p.",
		},
		{"Clopper–Pearson bound", []string{"Clopper-Pearson", "Clopper-Pearson bound"}, certification,
			"The exact lower confidence bound on the probability of a class, given how many of N votes it has."},
		{"confusion matrix", []string{"confusion"}, certification,
			"How many images of each class are classified as which class; evaluate(c, d) counts them."},
		{
			"ladder",
			[]string{"rung"},
			certification,
			"A sampling plan that asks for one radius after another and stops drawing votes once the next one cannot be " +
				"shown. It uses far fewer votes than a fixed plan, and certifies radii of a given list only.",
		},
		{
			"log",
			[]string{"certification log"},
			certification,
			"The tab-separated file of a certification, one row per image: index, label, prediction, radius, correct, " +
				"time, and then the counts from which each row can be checked.",
		},
		{"N", []string{"n"}, certification,
			"The number of noise samples that bound the probability of the chosen class; 100,000 in the paper. " +
				"It limits the largest radius that can be certified."},
		{"N0", []string{"n0"}, certification,
			"The number of noise samples that choose the class; 100 in the paper. " +
				"They are never used for the bound."},
		{"noise samples", []string{"noise sample", "noise", "noisy copies"}, certification,
			"Independent draws of the noise that are added to one image. Noisy images are not clipped to [0,1]."},
		{"plan", []string{"sampling plan"}, certification,
			"How many noise samples a certification draws and when it stops: a fixed plan with N0, N and alpha, or a " +
				"ladder or betting plan over a grid of radii."},
		{"sigma", []string{"noise level"}, certification,
			"The standard deviation of the Gaussian noise, in units of pixels in [0,1]. " +
				"A larger sigma allows larger radii and costs accuracy."},
		{"smoothed classifier", []string{"smoothing", "randomized smoothing"}, certification,
			"The classifier g that returns the class which the base classifier gives most often under noise: " +
				"argmax over c of P(f(x + noise) = c)."},
		{"smoothed prediction", []string{"mean softmax"}, certification,
			"The softmax outputs of the base classifier, averaged over noise samples. " +
				"Training and attacks use it in place of the vote, because it has a gradient."},
		{"sound sampling", []string{"slack"}, certification,
			"Noise drawn on a grid with exactly known probabilities, so that a certificate also accounts for " +
				"floating-point rounding of the noise. The slack is the probability that is subtracted for it."},
		{"vote", []string{"votes"}, certification,
			"The class that the base classifier gives for one noisy copy of an image."},
	}
}

func trainingTerms() []Entry {
	return []Entry{
		{"adversarial example", []string{"adversarial point", "far end"}, training,
			"A point near an image that raises the loss of the smoothed prediction. " +
				"SmoothMix finds it by T steps of gradient ascent."},
		{"calibration", []string{"overconfidence"}, training,
			"How well predicted probabilities agree with how often predictions are right. " +
				"SmoothMix aims at smoothed classifiers that are less confident off the data."},
		{"cosine", []string{"cosine schedule", "annealing", "annealed"}, training,
			"A schedule of the learning rate that falls to 0 along half a cosine, one update at a time."},
		{"epoch", nil, training,
			"One pass over all training images. Epochs are counted from 0."},
		{"eta", nil, training,
			"In SmoothMix, the weight of the loss on the mixed images. In Consistency, the weight of the entropy."},
		{"lambda", []string{"lam", "mixing weight"}, training,
			"The random weight in [0, ½) with which SmoothMix mixes the far end of its search into an image. " +
				"In a session it is called lam, because lambda is a keyword."},
		{"lbd", nil, training,
			"The weight of the second loss term in Stability, MACER and Consistency; named as in the authors' code."},
		{"learning rate", []string{"lr"}, training,
			"The factor of the momentum buffer in an optimizer step. A schedule changes it during a training."},
		{"logits", []string{"logit"}, training,
			"The outputs of the network before the softmax, one per class; logits(c, d) computes them."},
		{"m", []string{"number of noise samples"}, training,
			"The number of noise samples per image in a training step. In the authors' code it is also the number of " +
				"optimizer steps that each batch is split into (MACER excepted)."},
		{"maxnorm", nil, training,
			"The largest L2 distance from the image that SmoothMix's search may reach; 0 means no limit."},
		{
			"mix_step",
			[]string{"one-step adversary", "near end"},
			training,
			"The number of search steps after which SmoothMix takes the near end of its mixture: 0 is the image itself, " +
				"1 the one-step adversary.",
		},
		{"momentum", nil, training,
			"The factor by which an optimizer step keeps the direction of earlier steps; 0.9 in the paper."},
		{
			"noisy accuracy",
			nil,
			training,
			"The accuracy of the base classifier with one noise sample per test image. It is measured after each epoch.",
		},
		{"self-mixup", []string{"mixup", "mixture"}, training,
			"Mixing an image with its own adversarial example, and the smoothed prediction with the uniform label."},
		{"T", []string{"steps"}, training,
			"The number of steps of an adversarial search; the setting is called steps."},
		{
			"warm-up",
			[]string{"warmup", "lr_warmup"},
			training,
			"Epochs at the start during which a weight, a radius or the learning rate rises linearly to its full value.",
		},
		{"weight decay", []string{"weight_decay"}, training,
			"The multiple of each parameter that is added to its gradient; 0.0001 in the paper."},
	}
}

func programTerms() []Entry {
	return []Entry{
		{"cell", nil, program,
			"A piece of source that is run at once: a notebook cell, or one input at the prompt."},
		{
			"checkpoint",
			nil,
			program,
			"The safetensors file of a classifier: weights, the state of an unfinished training, and how they were made.",
		},
		{"fingerprint", nil, program,
			"A hash of a classifier's weights or of a data set's images, by which logs and checkpoints name them."},
		{"GPU", []string{"CUDA", "device"}, program,
			"A graphics processor. XLA's CUDA plugin computes on it where it is installed; devices() lists what is in use, " +
				"and docs/gpu.md has the steps."},
		{"LaTeX", []string{"tex", "booktabs"}, program,
			"The format of a paper's tables: table(…, save=\"t.tex\") and k.table(save=\"t.tex\") write it."},
		{"NumPy", []string{"pandas", "Parquet", "CSV", "export"}, program,
			"Programs in Python read results that x.save(\"x.npz\"), .csv, .jsonl or .parquet wrote; docs/data.md has the lines."},
		{"recipe", nil, program,
			"A row of the paper's tables as settings of a training: data set, network, method and schedule."},
		{"resume", nil, program,
			"To continue a training or a certification from its file. " +
				"Run the same line again; a finished one is loaded and computes nothing."},
		{"seed", nil, program,
			"The number from which all randomness of a training or a certification is computed. " +
				"The same seed on the same machine gives the same result."},
		{"shard", nil, program,
			"A part of a certification that one machine computes, such as 3/8. Logs of shards are merged into one."},
		{"TensorBoard", []string{"log_dir", "event file"}, program,
			"A program that draws curves while a training runs; train(…, log_dir=\"tb\") writes what it reads."},
		{"walk", nil, program,
			"One training step taken by hand: noise, loss, search, mix and update, each as a function to call."},
	}
}
