// Package paper holds what the authors of SmoothMix (Jeong et al., "SmoothMix: Training Confidence-calibrated Smoothed
// Classifiers for Certified Robustness", NeurIPS 2021) measured, to stand beside one's own numbers.
//
// The numbers are facts about the certification logs in data/certify of jh-jeong/smoothmix at commit
// cb1fd33055a29d0c41bbc429a982fdec709e993c (MIT License, Copyright (c) 2021 Jongheon Jeong), computed as
// code/analyze.py does, from radii as printed with three digits. All logs hold 10,000 test images with N0 = 100, N =
// 100,000 and alpha = 0.001.
//
// Nouns. A [Run] is one log: one trained classifier. A [Result] is one setting of a method, with the runs that repeat
// it and their means. Its Part is "main" (what the paper's tables are about), "ablation" (single runs that vary one
// setting) or "exploration" (single runs that chose the settings); that was read off folder names and commands, not off
// the paper's text.
//
// Traps. ACR depends on N: beside certificates of fewer votes only the expected values at that N belong. A result of
// one run says nothing of how runs differ. Doubtful results are of logs whose names do not tell what was trained. The
// logs themselves, 300 kB each, are not embedded: they are looked for, or else downloaded, and their SHA-256 is
// checked.
//
// Entry points: [Find], [Results], [Grid], [Run.Certificates].
package paper
