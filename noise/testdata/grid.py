# Rounded Gaussian noise on the pixel grid, in 60 digits, for grid_test.go. Made with mpmath 1.3.0:
#   python3 noise/testdata/grid.py > noise/testdata/grid.csv
# A line a sigma: probabilities of the values 0, 1, 100, 300, and what lies beyond ±most.
from math import ceil
from mpmath import mp, mpf, ncdf, nstr

mp.dps = 60
print("sigma,most,p0,p1,p100,p300,beyond")
for sigma in (0.25, 0.5, 1.0):
    s, most = mpf(sigma) * 255, ceil(9.25 * 255 * sigma) + 1
    p = lambda j: ncdf((j + mpf(0.5)) / s) - ncdf((j - mpf(0.5)) / s)
    print(",".join([str(sigma), str(most)] + [nstr(p(j), 45) for j in (0, 1, 100, 300)] + [nstr(2 * ncdf(-(most + mpf(0.5)) / s), 30)]))
