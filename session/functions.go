package session

import (
	"smoothlab/language"
	"smoothlab/session/losstape"
)

// Functions is the list of everything that a session can be asked: help, completion, the reference page and the
// contract tests are made from it. To add one: its arguments and its Go function in a file by noun, and a line here. s
// may be nil for looking at the list only.
func Functions(s *Session) []*language.Function {
	list := []*language.Function{
		language.Func("dataset", "Open a data set; what is missing is downloaded, with a pinned checksum\n"+
			"d[7] is an image, d[:500] and d[::20] are smaller data sets that keep the original indices.",
			datasetArgs{Split: "test"}, s.openDataset).In("data and classifiers").
			Like(`d, t = dataset("mnist", split="train"), dataset("mnist")[::100]`),
		language.Func("classifier", "Make an untrained classifier", classifierArgs{}, s.makeClassifier).
			In("data and classifiers").
			Like(`c = classifier("lenet", d, seed=1)`),
		language.Func("load_classifier", "Read a classifier from a checkpoint", pathArgs{}, s.loadClassifier).
			In("data and classifiers").
			Like(`c = load_classifier("runs/gauss")`),
		language.Func(
			"pretrained",
			"Load a classifier of the paper's table that this program trained\n"+
				"Its file is checked against the SHA-256 in its card; it is the very file that was certified. help(\"zoo\") lists what there is.",
			pretrainedArgs{},
			s.pretrained,
		).In("data and classifiers").Like(`c = pretrained("mnist", "smoothmix", 0.5)`),
		language.Func("from_torch", "Import weights that PyTorch or another program saved\n"+
			"The authors' checkpoints (.pth.tar), a state_dict, safetensors, or a NumPy .npz with the parameters' names. No code in a file is ever executed. "+
			"A prefix before all names and dicts around the weights are dropped; what was taken, left out, and put in front is printed. Names, shapes and types that do not fit are listed.",
			torchDefaults(), s.fromTorch).In("data and classifiers").
			Like(`c = from_torch("lenet/noise_0.50/checkpoint.pth.tar")`, `c = from_torch("weights.safetensors", arch="lenet", sigma=0.5)`,
				`c = from_torch("net.pt", arch="lenet", weights="ema", mean=0.1307, std=0.3081)`),
		language.Func("from_onnx", "Import a network with its weights from an ONNX file\n"+
			"Any classifier that PyTorch exports: torchvision, timm, Hugging Face, your own. It can be certified, attacked and walked; it can be trained if it was "+
			"exported with to_smoothlab.py, which `smoothlab export-script` prints. What cannot be certified, such as a network that mixes the images of a batch, is refused.",
			onnxArgs{}, s.fromONNX).In("data and classifiers").
			Like(`c = from_onnx("net.onnx", d, sigma=0.25)`, `c = from_onnx("net.onnx", mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])`),
		language.Func("save", "Keep a classifier's weights in a safetensors file, under PyTorch's names", saveArgs{}, s.save).
			In("data and classifiers").
			Like(`save(c, "mine.safetensors")`),
	}
	list = append(list, s.methodFunctions()...)
	return append(
		list,
		methodFunction(s).In("methods").
			Like(`method("clean", lambda s: s.cross_entropy(s.clean(s.x)))`, `mine = method("mine", fn, sigma=0.5, m=4, steps=4, alpha=1.0, eta=5.0)`),
		recipeFunction(
			s,
		).In("methods").
			Like(`r = recipe("mnist", "smoothmix", 0.5, eta=5)`, `train(c, d, r.annealed(epochs=6))`),
		language.Func("train", "Train a classifier in place\n"+
			"Ctrl-C stops it after the step it is in and keeps what was done. With background=True it goes on while the prompt is free; "+
			"settings of its method can be changed meanwhile, and jobs() lists what goes on.",
			trainDefaults(), s.train).In("training").
			Like(`train(c, d, gaussian(sigma=0.5), epochs=2, seed=1, out="runs/gauss")`, `r = train(c, d, m, epochs=9, background=True)`),
		language.Func("walk", "Take one training step by hand, verb by verb\n"+
			"w.noise(), w.loss(), w.search(n), w.mix(), w.update() follow the paper; each may be repeated, with other settings of the method, and discards what followed it.",
			walkArgs{Epoch: -1}, s.walk).In("training").
			Like(`w = walk(c, t[:8], smoothmix(sigma=0.5), seed=3)`, `w.search(2)`),
		language.Func("jobs", "List the trainings and certifications in the background", struct{}{}, s.listJobs).
			In("training"),
		language.Func("predict", "The class that the smoothed classifier gives an image, or an abstention\nPREDICT of Cohen et al. 2019.",
			predictArgs{N: 1000, Alpha: 0.001}, s.predict).
			In("certification").
			Like(`predict(c, t[3], sigma=0.5)`),
		language.Func(
			"certify",
			"Radii within which no perturbation changes the smoothed classifier's class\n"+
				"CERTIFY of Cohen et al. 2019: n0 votes choose a class, n fresh votes bound its probability; the radius of an image is wrong with probability at most alpha. "+
				"With plan=ladder(…) the radii of a grid are proved, with far fewer votes for most images. "+
				"Ctrl-C, max_votes= and max_time= keep the images that are done, in the log that out= names; the same line goes on from there.",
			certifyDefaults(),
			s.certify,
		).In("certification").Like(`k = certify(c, t, sigma=0.5, n=10000, seed=1, out="runs/smix-10k.tsv")`,
			`k = certify(c, t, sigma=0.5, plan=ladder(radii=[0, 0.5, 1], evaluation=True))`),
		language.Func("fixed", "The plan of CERTIFY: the same votes for every image\n"+
			"Only with it there are radii in full, hence ACR.", fixedDefaults(), s.fixedPlan).In("certification").Like(`certify(c, t, sigma=0.5, plan=fixed(n=10000))`),
		language.Func("ladder", "A plan that proves the radii of a grid, and ends the votes of an image as soon as it can\n"+
			"Looked at on rungs, 500, 1000, 2000 … votes: an image is done when the last radius is proved, or the next is out of reach. "+
			"All radii of an image are right at once with probability 1 - alpha. Fixed before any vote; selection votes are never used again.",
			ladderDefaults(), s.ladderPlan).
			In("certification").
			Like(`p = ladder(radii=[0, 0.25, 0.5, 0.75], evaluation=True)`, `p.forecast(read_log("noise_0.25.gz", sigma=0.25, n=100000, alpha=0.001))`),
		language.Func("merge", "Put the shards of one certification together\n"+
			"They must be all there, finished, and made with the same settings.", mergeArgs{}, s.merge).In("certification").
			Like(`k = merge(["k-1.tsv", "k-2.tsv"], out="k.tsv")`),
		language.Func("attack", "Search for points that the smoothed classifier takes for something else\n"+
			"Projected gradient ascent through the softmax averaged over draws of noise, within each eps; judged by predict() on noise of its own. An image is robust where "+
			"its label is predicted: an abstention is not. What stands is not certified.", attackDefaults(), s.attack).In("certification").
			Like(`attack(c, t[:100], sigma=0.5, eps=[0.5, 1, 1.5])`),
		language.Func("calibrate", "How well confidence fits what happens, at images and along the search\n"+
			"Mean softmax and vote shares of noisy copies; Brier score, likelihood and calibration error, beside that of a perfectly calibrated classifier of the same confidences.",
			calibrateDefaults(), s.calibrate).In("certification").
			Like(`calibrate(c, t, sigma=0.5, votes=1000, save="reliability.svg")`),
		language.Func("read_log", "Read a certification log: ours, or one of the published codes, plain or gzipped\n"+
			"Published logs name neither noise nor plan: give what is known.", readLogArgs{}, s.readLog).In("results").
			Like(`a = read_log("noise_0.50.gz", sigma=0.5, n=100000, alpha=0.001)`),
		referenceFunction().In("results").
			Like(`p = reference("mnist", "smoothmix", 0.5, eta=5)`, `a = p.logs(runs=1)[0]`),
		language.Func("paper_table", "The paper's table at a noise level, made by this program, next to the authors' runs\n"+
			"Each row says whether its ACR is inside, above or below the interval in which 95% of further runs of the authors would be; rows that are not made yet say so. "+
			"The command smoothlab table makes them.", paperTableArgs{Dataset: "mnist", Sigma: 0.5}, s.paperTable).
			In("results").
			Like(`p = paper_table("mnist", 0.5)`, `plot(p.certificates)`),
		language.Func("table", "Set certifications side by side: ACR and certified accuracy at radii", tablesArgs{}, s.table).
			In("results").
			Like(`table([a, b], names=["Gaussian", "SmoothMix"], radii=[0, 0.5, 1])`),
		language.Func("plot", "Draw certified accuracy against radius, or how p_A is distributed", plotsArgs{Of: ofAccuracy}, s.plot).
			In("results").
			Like(`plot([a, b], names=["Gaussian", "SmoothMix"], save="accuracy.svg")`),
		language.Func("compare", "The paired difference of two certifications on their common images, with its interval\n"+
			"Given lists of certificates, one a training run, it compares methods.", compareArgs{}, s.compare).
			In("results").
			Like(`compare(s, b, radii=[0, 1])`),
		language.Func("show", "Show values in full: pictures, curves and tables with them", valuesArgs{}, s.show).
			In("looking").
			Like(`show(t[:8])`),
		language.Func("clear", "Take back what the cell has shown, as soon as it shows something new\nIn notebooks; elsewhere what was shown stays.", struct{}{}, s.clear).
			In("looking"),
		language.Func("input", "Ask a person for a line of text\nIn notebooks and consoles; a program has arguments instead, argv.", inputArgs{}, s.input).
			In("looking").
			Like(`name = input("save as? ")`),
		language.Func("help", "Explain a function or a value, or list what there is", helpArgs{}, s.help).
			In("looking").
			Like(`help(train)`, `help("datasets")`),
		language.Func("exit", "Leave the prompt, the console or the program\nIn JupyterLab, Kernel → Shut Down ends the session.", exitArgs{}, s.exit).
			In("looking").
			Like(`exit()`),
		language.Func("quit", "The same as exit", exitArgs{}, s.exit).In("looking"),
		language.Func("devices", "What computes", struct{}{}, s.devices).In("looking"),
		language.Func("fmt", "Write a number with so many digits after the point", fmtArgs{Digits: 3}, s.format).
			In("numbers").
			Like(`"ACR %s" % fmt(k.acr, 3)`),
		language.Func("sum", "Add up numbers", sumArgs{}, s.sum).In("numbers"),
		language.Func("mean", "The mean of numbers", numbersArgs{}, s.mean).In("numbers"),
		language.Func("round", "Round to so many digits, halves to even", roundArgs{}, s.round).In("numbers"),
	)
}

// Kinds are the kinds of live values, of which the methods of the list share one, and of the figures that functions
// give.
func Kinds() []*language.Kind {
	return append(
		[]*language.Kind{
			datasetKind(),
			imageKind(),
			classifierKind(),
			recipeKind(),
			runKind(),
			walkKind(),
			certificationKind(),
			certificatesKind(),
			planKind(),
			referenceKind(),
			paperTableKind(),
			losstape.StepKind(),
			losstape.TensorKind(),
		},
		figureKinds()...)
}
