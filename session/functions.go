package session

import (
	"smoothlab/language"
	"smoothlab/session/losstape"
)

// Functions lists the session's functions. Help, completion, the reference page and the contract tests are derived from
// it. To add a function, write its arguments and its Go function in the file of its noun, and add a line here. s may be
// nil if only the list is read.
func Functions(s *Session) []*language.Function {
	list := []*language.Function{
		language.Func("dataset", "Open a data set; missing files are downloaded and checked against a pinned checksum\n"+
			"d[7] is an image, d[:500] and d[::20] are smaller data sets that keep the original indices.",
			datasetArgs{Split: "test"}, s.openDataset).
			InGroup("data and classifiers").
			WithExamples(`d, t = dataset("mnist", split="train"), dataset("mnist")[::100]`),
		language.Func("classifier", "Make an untrained classifier", classifierArgs{}, s.makeClassifier).
			InGroup("data and classifiers").
			WithExamples(`c = classifier("lenet", d, seed=1)`),
		language.Func("load_classifier", "Read a classifier from a checkpoint", pathArgs{}, s.loadClassifier).
			InGroup("data and classifiers").
			WithExamples(`c = load_classifier("runs/gauss")`),
		language.Func(
			"pretrained",
			"Load a classifier of the paper's table that this program trained\n"+
				"The file is checked against the SHA-256 in its card; it is the same file that was certified. help(\"zoo\") lists the classifiers.",
			pretrainedArgs{},
			s.pretrained,
		).InGroup("data and classifiers").WithExamples(`c = pretrained("mnist", "smoothmix", 0.5)`),
		language.Func("from_torch", "Import weights that PyTorch or another program saved\n"+
			"The authors' checkpoints (.pth.tar), a state_dict, safetensors, or a NumPy .npz with the parameters' names. No code in a file is ever executed. "+
			"A common prefix of the names and dicts around the weights are removed; the import prints what it used, skipped and put in front of the network. Names, shapes and types that do not fit are listed.",
			torchDefaults(), s.fromTorch).InGroup("data and classifiers").
			WithExamples(`c = from_torch("lenet/noise_0.50/checkpoint.pth.tar")`, `c = from_torch("weights.safetensors", arch="lenet", sigma=0.5)`,
				`c = from_torch("net.pt", arch="lenet", weights="ema", mean=0.1307, std=0.3081)`),
		language.Func("from_onnx", "Import a network with its weights from an ONNX file\n"+
			"Any classifier that PyTorch exports: torchvision, timm, Hugging Face, or your own network. It can be certified, attacked and walked; it can be trained if it was "+
			"exported with to_smoothlab.py, which `smoothlab export-script` prints. Networks that cannot be certified, such as one that mixes the images of a batch, are refused.",
			onnxArgs{}, s.fromONNX).InGroup("data and classifiers").
			WithExamples(
				`c = from_onnx("net.onnx", d, sigma=0.25)`,
				`c = from_onnx("net.onnx", mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])`,
			),
		language.Func("ensemble", "Combine classifiers: the sum of their logits\n"+
			"An ensemble can be certified, attacked, walked and saved like any other classifier. Its members are trained one by one; its name lists their fingerprints. "+
			"consensus=2 asks the first two members, and the others only for votes on which these disagree (K-consensus of Horváth et al. 2022); certify reports the forward passes per vote.",
			ensembleArgs{}, s.ensemble).InGroup("data and classifiers").
			WithExamples(`e = ensemble([a, b, c])`, `e = ensemble([a, b, c], consensus=2)`),
		language.Func("external", "Let a process of yours classify: any program that reads images and writes logits or classes\n"+
			"PyTorch on its GPU, JAX, or a script in front of a service; docs/external.md describes the protocol on one page, and `smoothlab external-script` prints the Python module that speaks it. "+
			"The noise is drawn here. certify and predict take it, with ladders, shards and logs; a process that dies or hangs is started again.",
			externalDefaults(), s.external).InGroup("data and classifiers").
			WithExamples(`c = external(["python3", "serve.py"], classes=10, shape=[3, 32, 32])`),
		language.Func("save", "Save a classifier's weights, or the numbers of results\n"+
			"Weights go to a safetensors file under PyTorch's parameter names; a file that is anything else is never replaced. Results go to .npz for NumPy, "+
			".csv, .parquet or .jsonl for pandas, or .json; an older file is replaced. Most results have this function as a method too: k.save(\"k.csv\").", saveArgs{}, s.save).
			InGroup("data and classifiers").
			WithExamples(`save(c, "mine.safetensors")`, `save(predict(c, t, sigma=0.5), "predictions.csv")`),
	}
	list = append(list, s.methodFunctions()...)
	list = append(
		list,
		methodFunction(s).InGroup("methods").
			WithExamples(`method("clean", lambda s: s.cross_entropy(s.clean(s.x)))`, `mine = method("mine", fn, sigma=0.5, m=4, steps=4, alpha=1.0, eta=5.0)`),
		recipeFunction(
			s,
		).InGroup("methods").
			WithExamples(`r = recipe("mnist", "smoothmix", 0.5, eta=5)`, `train(c, d, r.annealed(epochs=6))`),
		language.Func("train", "Train a classifier in place\n"+
			"Ctrl-C stops the run after its current step and keeps its progress. With background=True it runs while the prompt is free; "+
			"its method's settings can then be changed, and jobs() lists the running jobs.",
			trainDefaults(), s.train).InGroup("training").
			WithExamples(`train(c, d, gaussian(sigma=0.5), epochs=2, seed=1, out="runs/gauss")`, `r = train(c, d, m, epochs=9, background=True)`),
		language.Func("soft_labels", "Let a smoothed classifier vote on training images, for methods that train on its votes\n"+
			"catrs(…) needs them: the authors use a Gaussian classifier at sigma 0.25 and 10,000 votes, whatever the sigma of the training. The votes are kept in a file; "+
			"if the line is interrupted or killed, run it again to resume. merge([…]) joins shards.",
			softLabelDefaults(), s.softLabels).InGroup("training").
			WithExamples(`s = soft_labels(g, d, sigma=0.25, n=1000, seed=1)`, `train(c, d, catrs(sigma=0.5), soft_labels=s)`),
		language.Func("sweep", "Train and certify a classifier for every combination of some settings\n"+
			"If the line is interrupted or killed, run it again to resume: finished cells are loaded. Cells that were made with other settings are refused. "+
			"A cell that fails does not end the sweep; its reason is in the table, and the same line tries it again. "+
			"v.table(), v.best(), v.pareto() and v.lines(\"alpha\") show the results.",
			sweepArgs{Arch: "lenet"}, s.sweep).InGroup("training").
			WithExamples(`v = sweep(train={"data": d, "method": smoothmix(sigma=0.5), "epochs": 2}, certify={"data": t, "n": 1000}, over={"sigma": [0.25, 0.5], "alpha": [1, 2], "seed": [1, 2, 3]}, out="runs/alpha")`,
				`v.lines("alpha", save="alpha.pdf")`),
		language.Func("walk", "Take one training step by hand, verb by verb\n"+
			"w.noise(), w.loss(), w.search(n), w.mix() and w.update() follow the paper, for catrs(…) w.noise(), w.votes(), w.search(n), w.select() and w.update(); each may be repeated with other settings of the method, which discards the later verbs.",
			walkArgs{Epoch: -1}, s.walk).InGroup("training").
			WithExamples(`w = walk(c, t[:8], smoothmix(sigma=0.5), seed=3)`, `w.search(2)`),
		language.Func("jobs", "List the trainings and certifications in the background", struct{}{}, s.listJobs).
			InGroup("training"),
		language.Func("evaluate", "Measure accuracy on the images as they are, and under noise, by class\n"+
			"With sigma, also the base classifier's accuracy on n noisy copies of each image, and the smoothed classifier's, which predicts by those n votes or abstains. "+
			"show() adds the confusion matrices.", evaluateDefaults(), s.evaluate).
			InGroup("certification").
			WithExamples(`evaluate(c, t)`, `e = evaluate(c, t, sigma=0.5)`),
		language.Func("logits", "Compute the network's outputs without noise", logitsArgs{}, s.logits).
			InGroup("certification").
			WithExamples(`logits(c, t).save("logits.npz")`),
		language.Func("predict", "Predict the smoothed classifier's class of an image, or abstain\nPREDICT of Cohen et al. 2019.",
			predictArgs{
				N:     1000,
				Alpha: 0.001,
			}, s.predict).
			InGroup("certification").
			WithExamples(`predict(c, t[3], sigma=0.5)`),
		language.Func(
			"certify",
			"Certify radii within which no perturbation changes the smoothed classifier's class\n"+
				"CERTIFY of Cohen et al. 2019: n0 votes select a class, n fresh votes bound its probability; each image's radius is wrong with probability at most alpha. "+
				"plan=ladder(…) proves the radii of a grid with far fewer votes for most images. "+
				"After Ctrl-C, max_votes= or max_time= the finished images are in the log that out= names; rerun the same line to resume.",
			certifyDefaults(),
			s.certify,
		).InGroup("certification").WithExamples(`k = certify(c, t, sigma=0.5, n=10000, seed=1, out="runs/smix-10k.tsv")`,
			`k = certify(c, t, sigma=0.5, plan=ladder(radii=[0, 0.5, 1], evaluation=True))`),
	)
	list = append(list, s.planFunctions()...)
	return append(
		list,
		language.Func("merge", "Merge the shards of one certification, or of soft labels\n"+
			"All shards must be present, finished, and made with the same settings.", mergeArgs{},
			s.merge).InGroup("certification").
			WithExamples(`k = merge(["k-1.tsv", "k-2.tsv"], out="k.tsv")`),
		language.Func("attack", "Search for points that the smoothed classifier misclassifies\n"+
			"Projected gradient ascent through the softmax averaged over noise samples, within each eps; predict() judges the points on fresh noise. An image counts as robust if "+
			"its label is predicted; an abstention does not count. Surviving the attack is not a certificate.", attackDefaults(), s.attack).InGroup("certification").
			WithExamples(`attack(c, t[:100], sigma=0.5, eps=[0.5, 1, 1.5])`),
		language.Func("calibrate", "Measure how well confidence matches accuracy, at images and along the search\n"+
			"Mean softmax and vote shares of noisy samples; Brier score, likelihood, and calibration error, compared with a perfectly calibrated classifier of the same confidences.",
			calibrateDefaults(), s.calibrate).InGroup("certification").
			WithExamples(`calibrate(c, t, sigma=0.5, votes=1000, save="reliability.svg")`),
		language.Func("read_log", "Read a certification log of smoothlab or of the published codes, plain or gzipped\n"+
			"Published logs record neither noise nor plan: pass what you know.", readLogArgs{},
			s.readLog).InGroup("results").
			WithExamples(`a = read_log("noise_0.50.gz", sigma=0.5, n=100000, alpha=0.001)`),
		referenceFunction().InGroup("results").
			WithExamples(`p = reference("mnist", "smoothmix", 0.5, eta=5)`, `a = p.logs(runs=1)[0]`),
		language.Func("paper_table", "The paper's table at a noise level, made by this program, next to the authors' runs\n"+
			"Each row shows whether its ACR is inside, above or below the interval that would hold 95% of further runs of the authors, or that it is not made yet. "+
			"The command smoothlab table makes them.", paperTableArgs{Dataset: "mnist", Sigma: 0.5}, s.paperTable).
			InGroup("results").
			WithExamples(`p = paper_table("mnist", 0.5)`, `plot(p.certificates)`),
		language.Func("table", "Compare certifications in a table: ACR and certified accuracy at radii", tablesArgs{},
			s.table).
			InGroup("results").
			WithExamples(`table([a, b], names=["Gaussian", "SmoothMix"], radii=[0, 0.5, 1])`),
		language.Func("plot", "Plot certified accuracy against radius, or the distribution of p_A\n"+
			"With of=\"p_A\", the share of images whose class has at least that probability under noise, from 0.5 on; 0.9, 0.99 and 0.999 are at equal distances. "+
			"For a paper: save=\"figure.pdf\" or \"figure.pgf\", size, fontsize, dashes=True or color=False.",
			plotsArgs{plotArgs: plotDefaults()}, s.plot).
			InGroup("results").
			WithExamples(
				`plot([a, b], names=["Gaussian", "SmoothMix"], save="accuracy.svg")`,
				`plot([a, b], of="p_A", band="whole", size=[8, 6], unit="cm", fontsize=8, dashes=True, save="pa.pdf")`,
			),
		language.Func("lines", "Draw lines through values, such as ACR against a setting\n"+
			"A value is a number or certificates, which give their ACR; a list of values at one place holds several runs, whose mean is drawn with a band.",
			linesDefaults(), s.lines).
			InGroup("results").
			WithExamples(
				`lines([1, 2, 4], {"SmoothMix": [k1, k2, k4]}, xlabel="alpha", save="ablation.pdf")`,
				`lines([0.25, 0.5, 1], {"runs": [[0.77, 0.78], [1.45, 1.46], [1.71, 1.73]]}, xscale="log")`,
			),
		language.Func("pareto", "Plot ACR against clean accuracy, one mark per run, and the front: the runs that no other run beats in both",
			paretoArgs{lookArgs: lookDefaults()}, s.pareto).
			InGroup("results").
			WithExamples(`pareto({"Gaussian": [a1, a2], "SmoothMix": [b1, b2]}, save="pareto.pdf")`),
		language.Func("acr_split", "Divide the ACR by how hard images are for a reference classifier\n"+
			"An average certified radius can grow through easy images alone. Choose a reference that is not among the entries.",
			splitArgs{Cuts: []float64{0.9, 0.99}}, s.acrSplit).
			InGroup("results").
			WithExamples(`acr_split({"Gaussian": a, "SmoothMix": b}, by=reference_log)`),
		language.Func("compare", "Compute the paired difference of two certifications on their common images, with its interval\n"+
			"With lists of certificates, one per training run, it compares methods.", compareArgs{}, s.compare).
			InGroup("results").
			WithExamples(`compare(s, b, radii=[0, 1])`),
		language.Func("show", "Show values in full, with their images, curves and tables", valuesArgs{}, s.show).
			InGroup("looking").
			WithExamples(`show(t[:8])`),
		language.Func(
			"explore",
			"Move through the adversarial search of an image with sliders: image, T, sigma and alpha\n"+
				"It is a walk whose settings are controls, like those of interact(). Moving them compiles nothing.",
			exploreArgs{},
			s.explore,
		).InGroup("looking").WithExamples(`explore(c, t[:20])`, `explore(c, t[3], smoothmix(sigma=0.5, m=8, alpha=0.5))`),
		interactFunction(s).InGroup("looking").
			WithExamples(`interact(lambda sigma, n: predict(c, t[3], sigma=sigma, n=n), sigma=(0.1, 1.0), n=[100, 1000])`,
				`interact(lambda image: image, image=t[:20])`),
		language.Func("clear", "Clear the cell's output when its next output arrives\nIn notebooks; elsewhere the output stays.", struct{}{}, s.clear).
			InGroup("looking"),
		language.Func("input", "Ask the user for a line of text\nIn notebooks and consoles; programs use their arguments, argv, instead.", inputArgs{}, s.input).
			InGroup("looking").
			WithExamples(`name = input("save as? ")`),
		language.Func("help", "Explain a function or a value, search all help, or list the functions", helpArgs{}, s.help).
			InGroup("looking").
			WithExamples(`help(train)`, `help("datasets")`, `help("learning rate")`),
		language.Func("exit", "Leave the prompt, the console or the program\nIn JupyterLab, Kernel → Shut Down ends the session.", exitArgs{}, s.exit).
			InGroup("looking").
			WithExamples(`exit()`),
		language.Func("quit", "Same as exit", exitArgs{}, s.exit).InGroup("looking"),
		language.Func("devices", "List the devices in use", struct{}{}, s.devices).InGroup("looking"),
		language.Func("fmt", "Format a number with the given digits after the point", fmtArgs{Digits: 3}, s.format).
			InGroup("numbers").
			WithExamples(`"ACR %s" % fmt(k.acr, 3)`),
		language.Func("sum", "Add up numbers", sumArgs{}, s.sum).InGroup("numbers"),
		language.Func("mean", "Compute the mean of numbers", numbersArgs{}, s.mean).InGroup("numbers"),
		language.Func("round", "Round to the given number of digits, halves to even", roundArgs{}, s.round).
			InGroup("numbers"),
	)
}

// Kinds lists the kinds of live values and of results. Training methods share one kind that depends on the method.
func Kinds() []*language.Kind {
	return append(
		[]*language.Kind{
			language.KindOf[*datasetValue](),
			language.KindOf[*imageValue](),
			language.KindOf[*classifierValue](),
			language.KindOf[*externalValue](),
			language.KindOf[*recipeValue](),
			language.KindOf[*run](),
			language.KindOf[*softLabelsValue](),
			language.KindOf[*walkValue](),
			language.KindOf[*certification](),
			language.KindOf[*certificatesValue](),
			language.KindOf[*planValue](),
			language.KindOf[*referenceValue](),
			language.KindOf[*paperTableValue](),
			language.KindOf[*sweepValue](),
			language.KindOf[*losstape.Step](),
			language.KindOf[*losstape.Tensor](),
		},
		reportKinds()...)
}
