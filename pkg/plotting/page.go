package plotting

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// page adds to a canvas the few strokes that the figures are made of.
// Coordinates are points from the lower left corner.
type page struct {
	vg.Canvas
}

// stroke is the look of a line.
type stroke struct {
	colour color.NRGBA
	width  vg.Length
	dashes []vg.Length
}

func (p *page) pen(s stroke) {
	p.SetColor(s.colour)
	p.SetLineWidth(s.width)
	p.SetLineDash(s.dashes, 0)
}

// polyline strokes an open line.
func (p *page) polyline(s stroke, pts ...vg.Point) {
	if len(pts) < 2 {
		return
	}
	p.pen(s)
	p.Stroke(pathOf(pts))
}

// polygon fills a closed outline.
func (p *page) polygon(c color.NRGBA, pts ...vg.Point) {
	if len(pts) < 3 {
		return
	}
	path := pathOf(pts)
	path.Close()
	p.SetColor(c)
	p.Fill(path)
}

// outline strokes a closed outline.
func (p *page) outline(s stroke, pts ...vg.Point) {
	path := pathOf(pts)
	path.Close()
	p.pen(s)
	p.Stroke(path)
}

func pathOf(pts []vg.Point) vg.Path {
	path := make(vg.Path, 0, len(pts)+1)
	path.Move(pts[0])
	for _, pt := range pts[1:] {
		path.Line(pt)
	}
	return path
}

// disc fills a circle.
func (p *page) disc(c color.NRGBA, at vg.Point, r vg.Length) {
	p.SetColor(c)
	p.Fill(circle(at, r))
}

// ring strokes a circle.
func (p *page) ring(s stroke, at vg.Point, r vg.Length) {
	p.pen(s)
	p.Stroke(circle(at, r))
}

func circle(at vg.Point, r vg.Length) vg.Path {
	var path vg.Path
	path.Move(vg.Point{X: at.X + r, Y: at.Y})
	path.Arc(at, r, 0, 2*math.Pi)
	path.Close()
	return path
}

// fillRect fills a rectangle.
func (p *page) fillRect(c color.NRGBA, r vg.Rectangle) {
	if raster, ok := p.Canvas.(*pngCanvas); ok {
		raster.fillRect(c, r)
		return
	}
	p.polygon(c, corners(r)...)
}

// frame strokes a rectangle.
func (p *page) frame(s stroke, r vg.Rectangle) { p.outline(s, corners(r)...) }

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

// cells draws an image whose pixels are the cells of a matrix. A raster takes them
// as they are. Readers of the other formats smooth images when they scale them;
// with the cells repeated until there are as many pixels as a PNG file has there,
// their edges stay sharp.
func (p *page) cells(r vg.Rectangle, img *image.NRGBA) {
	if raster, ok := p.Canvas.(*pngCanvas); ok {
		raster.cells(r, img)
		return
	}
	cells, paper := img.Bounds().Size(), r.Size()
	most := max(float64(paper.X)/float64(cells.X), float64(paper.Y)/float64(cells.Y))
	p.DrawImage(r, repeatPixels(img, max(1, int(math.Ceil(most/72*pngDPI)))))
}

// repeatPixels enlarges an image by a whole factor without smoothing.
func repeatPixels(img *image.NRGBA, times int) *image.NRGBA {
	size := img.Bounds().Size()
	out := image.NewNRGBA(image.Rect(0, 0, size.X*times, size.Y*times))
	for y := range size.Y {
		first := out.Pix[y*times*out.Stride : y*times*out.Stride+4*size.X*times]
		for x := range size.X {
			px := img.Pix[y*img.Stride+4*x : y*img.Stride+4*x+4]
			for i := range times {
				copy(first[4*(x*times+i):], px)
			}
		}
		for i := 1; i < times; i++ {
			copy(out.Pix[(y*times+i)*out.Stride:], first)
		}
	}
	return out
}

// rect builds a rectangle from two corners.
func rect(x0, y0, x1, y1 vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}
}
