package npz
import ("testing";"os")
func TestBig(t *testing.T){ o,_:=os.Create("/tmp/kernel/big.npz"); w:=NewWriter(o); n:=4400<<20
 must(t, write(w,"big","|u1",1,[]int{n},make([]struct{},n),func(b []byte,x []struct{}){for i:=range b{b[i]=7}}), w.Float64("x",[]int{2},[]float64{1,2}),w.Close(),o.Close())
 f:=open(t,"/tmp/kernel/big.npz"); x,_,err:=f.Float64("x"); t.Log(x,err); a,err:=f.Array("big"); t.Log(a,err)
}
