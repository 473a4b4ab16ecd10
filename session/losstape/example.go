package losstape

// SmoothMix is the paper's method written out as a custom method: the same training, bit for bit, as smoothmix().
const SmoothMix = `def written_out(s, eta):
    far = s.search()                # steps of ascent on the smoothed loss, from the images
    near = s.near()                 # the images, or their points after mix_step steps
    logits = s.logits(near)         # of m noisy copies of each
    p = s.smoothed(logits)          # the mean of their softmax
    lam = 0.5 * s.uniform("lambda")
    mixed, target = s.mix(lam, near, far, p)
    return [("cross-entropy", 1, s.cross_entropy(logits)),
            ("KL", s.warm("eta"), s.masked_kl(p, target, s.logits(mixed)))]

mine = method("written_out", written_out, m=4, steps=4, alpha=1.0, mix_step=1, eta=5.0, warmup=10)`
