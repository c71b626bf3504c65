package problems

// Brusselator is a chemical reaction on its limit cycle,
//
//	du/dt = 1 + u² v − 4 u
//	dv/dt = 3 u − u² v
//
// from (1.5, 3) over [0, 20]. Exact knows both ends, as for DETEST.
func Brusselator() Problem {
	return ended("brusselator", "Hairer, Nørsett & Wanner, I.16 and II.4", []float64{1.5, 3}, 20, func(_ float64, y, dy []float64) {
		u, v := y[0], y[1]
		dy[0], dy[1] = 1+u*u*v-4*u, 3*u-u*u*v
	})
}
