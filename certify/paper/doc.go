// Package paper holds the results of the authors of SmoothMix (Jeong et al., "SmoothMix: Training Confidence-calibrated
// Smoothed Classifiers for Certified Robustness", NeurIPS 2021), for comparison with your own.
//
// The numbers are facts about the certification logs in data/certify of jh-jeong/smoothmix at commit
// cb1fd33055a29d0c41bbc429a982fdec709e993c (MIT License, Copyright (c) 2021 Jongheon Jeong), computed as
// code/analyze.py does, from radii as printed with three digits. All logs hold 10,000 test images with N0 = 100, N =
// 100,000 and alpha = 0.001.
//
// Nouns. A [Run] is one log: one trained classifier. A [Result] is one setting of a method, with the runs that repeat
// it and their means. Its Part is "main" (what the paper's tables are about), "ablation" (single runs that vary one
// setting) or "exploration" (single runs that chose the settings); this follows from directory names and commands, not
// from the paper's text.
//
// Traps. ACR depends on N: compare certificates of fewer votes only with the expected values at that N. A result of one
// run does not show how runs differ. Doubtful results come from logs whose names do not identify what was trained. The
// logs themselves, 300 kB each, are not embedded: they are searched for, or else downloaded, and their SHA-256 is
// checked.
//
// Entry points: [Find], [Results], [Grid], [Run.Certificates].
package paper
