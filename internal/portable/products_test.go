package portable

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"slices"
)

// fusible lists, as file:line, the sums with a part that is a product not yet
// rounded. As the compiler may fuse the two across statements and calls, a product
// is followed into the variables of a function and out of a function with a single
// return. It is not followed through memory (fields, elements), nor into
// parameters: TestListing sees those.
func (s *source) fusible() []string {
	p := &products{source: s, writes: map[types.Object][]write{}, results: map[types.Object]ast.Expr{}}
	for _, file := range s.files {
		ast.Inspect(file, p.note)
	}
	var found []string
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			var parts []ast.Expr
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op == token.ADD || n.Op == token.SUB {
					parts = []ast.Expr{n.X, n.Y}
				}
			case *ast.AssignStmt:
				if n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN {
					parts = []ast.Expr{n.Lhs[0], n.Rhs[0]}
				}
			}
			if slices.ContainsFunc(parts, p.is) {
				at := s.set.Position(n.Pos())
				found = append(found, fmt.Sprintf("%s:%d", at.Filename, at.Line))
			}
			return true
		})
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// products knows where values come from.
type products struct {
	*source
	writes  map[types.Object][]write  // to variables
	results map[types.Object]ast.Expr // of functions with one return and one result
}

// write is one to a variable: of a value, or with *= of a product.
type write struct {
	end   token.Pos
	op    token.Token
	value ast.Expr // nil if it is not known
}

func (p *products) write(to ast.Expr, w write) {
	if name, ok := to.(*ast.Ident); ok {
		o := p.info.ObjectOf(name)
		p.writes[o] = append(p.writes[o], w)
	}
}

// note collects writes and results.
func (p *products) note(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			w := write{end: n.End(), op: n.Tok}
			if len(n.Rhs) == len(n.Lhs) {
				w.value = n.Rhs[i]
			}
			p.write(to, w)
		}
	case *ast.ValueSpec:
		for i := range n.Values {
			if len(n.Values) == len(n.Names) {
				p.write(n.Names[i], write{n.End(), token.ASSIGN, n.Values[i]})
			}
		}
	case *ast.ForStmt:
		if n.Post != nil {
			p.loop(n.Post.Pos(), n)
		}
		p.loop(n.Body.Pos(), n)
	case *ast.RangeStmt:
		p.loop(n.Body.Pos(), n)
	case *ast.FuncDecl:
		if n.Body != nil {
			p.results[p.info.Defs[n.Name]] = onlyResult(n.Body)
		}
	}
	return true
}

// loop: of what a loop writes it is not known at its start what is in it.
func (p *products) loop(start token.Pos, loop ast.Stmt) {
	ast.Inspect(loop, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok != token.DEFINE {
			for _, to := range a.Lhs {
				p.write(to, write{end: start})
			}
		}
		return true
	})
}

// onlyResult is what a function's body returns, if there is one return of one value.
func onlyResult(body *ast.BlockStmt) (result ast.Expr) {
	returns := 0
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			if returns++; len(r.Results) == 1 {
				result = r.Results[0]
			}
		}
		_, inner := n.(*ast.FuncLit)
		return !inner
	})
	if returns != 1 {
		return nil
	}
	return result
}

// is tells whether a value is a product that has not been rounded.
func (p *products) is(e ast.Expr) bool {
	if e == nil || !p.real(e) {
		return false
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return p.is(e.X)
	case *ast.UnaryExpr:
		return p.is(e.X)
	case *ast.BinaryExpr:
		return p.multiplies(e.Op, e.Y)
	case *ast.Ident:
		return p.holds(e)
	case *ast.CallExpr:
		switch f := ast.Unparen(e.Fun).(type) {
		case *ast.Ident:
			return p.is(p.results[p.info.ObjectOf(f)])
		case *ast.SelectorExpr:
			return p.is(p.results[p.info.ObjectOf(f.Sel)])
		case *ast.FuncLit:
			return p.is(onlyResult(f.Body))
		}
	}
	return false
}

// holds goes by the last write above.
func (p *products) holds(name *ast.Ident) bool {
	var last write
	for _, w := range p.writes[p.info.ObjectOf(name)] {
		if last.end <= w.end && w.end <= name.Pos() {
			last = w
		}
	}
	product := p.multiplies(last.op, last.value)
	return product || (last.op == token.ASSIGN || last.op == token.DEFINE) && p.is(last.value)
}

// real: neither a whole number nor text nor constant.
func (p *products) real(e ast.Expr) bool {
	of := p.info.TypeOf(e)
	if of == nil || p.info.Types[e].Value != nil {
		return false
	}
	basic, ok := of.Underlying().(*types.Basic)
	return !ok || basic.Info()&(types.IsFloat|types.IsComplex) != 0
}

// multiplies: a quotient by a power of two is made a product.
func (p *products) multiplies(op token.Token, by ast.Expr) bool {
	switch op {
	case token.MUL, token.MUL_ASSIGN:
		return true
	case token.QUO, token.QUO_ASSIGN:
		if c := p.info.Types[by].Value; c != nil {
			f, _ := constant.Float64Val(constant.ToFloat(c))
			fraction, _ := math.Frexp(f)
			return math.Abs(fraction) == 0.5
		}
	}
	return false
}
