package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// start is the least that a configuration needs, so that each case below has one
// problem only.
const start = "nasim: 1\ninput: {synthetic: {}}\n"

// signed lists the maps whose features may be negative, as problems name them.
var signed = strings.Join(those(features.Names(), func(name string) bool { return !features.Positive(name) }), ", ")

// TestProblems checks that each kind of bad input is refused with the place, what
// was found, what is allowed and the remedy. The texts are part of the interface:
// a newcomer has nothing else to go by.
func TestProblems(t *testing.T) {
	cases := map[string]struct {
		file string
		sets []string
		want string // all problems; "…" stands for anything
	}{
		"missing unit":    {file: start + "network: {astrocyte: {tau_calcium: 50}}", want: "c.yaml:3:36: network.astrocyte.tau_calcium: 50 has no unit; write 50ms or 50s; a time 0ms or more"},
		"negative time":   {file: start + "network: {neurons: {tau_hidden: -5ms}}", want: "c.yaml:3:33: network.neurons.tau_hidden: -5ms is negative; a time is 0 or more; a time 0ms or more"},
		"rate for time":   {file: start + "network: {neurons: {tau_hidden: 4/s}}", want: "…4/s is a rate and a time is wanted; write 250ms for its inverse…"},
		"unit misnamed":   {file: start + "record: {every: 5msec}", want: "c.yaml:3:17: record.every: msec is not a unit of time; write 5ms; a time more than 0ms"},
		"unit unknown":    {file: start + "record: {every: 5 parsec}", want: "…parsec is not a unit of time; write a time with its unit (us, ms, s, min, h)…"},
		"infinite dwell":  {file: start + "network: {schedule: {write: inf}}", want: "…network.schedule.write: inf is not allowed here; a time more than 0ms, finite"},
		"zero dwell":      {file: start + "network: {schedule: {write: 0s}}", want: "…network.schedule.write: 0s is out of range; a time more than 0ms"},
		"zero leak":       {file: start + "network: {synapses: {tau_hebbian: 0ms}}", want: "…0ms is out of range; a time more than 0ms, or inf"},
		"time too large":  {file: start + "network: {synapses: {tau_hebbian: 1e999s}}", want: "…1e999s is too large; write inf for no limit…"},
		"infinity":        {file: start + "network: {synapses: {tau_hebbian: infinity}}", want: "…infinity is not a time; write inf;…"},
		"nan time":        {file: start + "record: {every: nan}", want: "…nan is not a time; write a time with its unit…"},
		"fraction":        {file: start + "network: {features: {neurons: 3.7}}", want: "c.yaml:3:31: network.features.neurons: 3.7 is not a whole number; a whole number 1 or more; write 3 or 4"},
		"quoted number":   {file: start + "network: {features: {neurons: \"64\"}}", want: "…\"64\" is not a whole number; a whole number 1 or more; write 64 without quotes"},
		"underscore":      {file: start + "network: {features: {neurons: 10_000}}", want: "…10_000 is not a whole number;…; write 10000"},
		"octal":           {file: start + "seed: 010", want: "…010 starts with 0…"},
		"hexadecimal":     {file: start + "seed: 0x10", want: "…0x10 is not a whole number…"},
		"zero neurons":    {file: start + "network: {features: {neurons: 0}}", want: "…0 is out of range; a whole number 1 or more"},
		"negative count":  {file: start + "network: {features: {neurons: -4}}", want: "…-4 is negative; a whole number 1 or more"},
		"huge count":      {file: start + "network: {features: {neurons: 1e12}}", want: "…1e12 is too large; 2147483647 at most"},
		"seed too large":  {file: start + "seed: 18446744073709551616", want: "…18446744073709551616 is too large; 18446744073709551615 at most"},
		"nan":             {file: start + "network: {astrocyte: {baseline: .nan}}", want: "…network.astrocyte.baseline: .nan is not a number; median, or a number 0 or more"},
		"infinite":        {file: start + "network: {astrocyte: {baseline: .inf}}", want: "…network.astrocyte.baseline: .inf is not finite; median, or a number 0 or more"},
		"negative number": {file: start + "network: {astrocyte: {baseline: -1}}", want: "…-1 is negative; median, or a number 0 or more"},
		"tolerance":       {file: start + "solver: {rtol: 1}", want: "…solver.rtol: 1 is out of range; a number more than 0 and less than 1"},
		"number, unit":    {file: start + "network: {astrocyte: {baseline: 1s}}", want: "…\"1s\" is not a number or name; median, or a number 0 or more; write the number without a unit"},
		"number or name":  {file: start + "network: {astrocyte: {baseline: medain}}", want: "…\"medain\" is not a number or name; median, or a number 0 or more; did you mean median?"},
		"no learning":     {file: start + "network: {synapses: {learning_rate: 0}}", want: "…learning_rate: 0 is out of range; calibrated, or a number more than 0"},
		"not a bool":      {file: start + "record: {features: yes}", want: "…\"yes\" is not a yes-or-no value; true or false; write true"},
		"list for number": {file: start + "seed: [1, 2]", want: "c.yaml:3:7: seed: a list is not a whole number; a whole number"},
		"no value":        {file: start + "seed:", want: "c.yaml:3:6: seed: has no value; a whole number; leave the key out for the default 16"},
		"empty section":   {file: start + "network:\n  features:\n", want: "…network.features: the section is empty; keys: map, file, neurons, rows, invariances, query_gain; write {} for all its defaults, or leave it out"},
		"scalar section":  {file: start + "network: 3", want: "c.yaml:3:10: network: 3 is not a section; keys: circuit, features, neurons, synapses, astrocyte, emergent_division, replicator, schedule"},
		"list section":    {file: start + "network: [features]", want: "…network: a list is not a section…"},

		"unknown name":      {file: start + "network: {features: {map: postive}}", want: "c.yaml:3:27: network.features.map: \"postive\" is not known; one of " + strings.Join(features.Names(), ", ") + "; did you mean positive?"},
		"unknown key":       {file: start + "colour: red", want: "c.yaml:3:1: colour: there is no such key; keys here: nasim, seed, input, transformer, swap, network, solver, record, fit"},
		"misspelt key":      {file: start + "sead: 3", want: "…sead: there is no such key; …; did you mean seed?"},
		"misspelt two ways": {file: start + "solver: {btol: 1e-3}", want: "…did you mean rtol or atol?"},
		"other style":       {file: start + "record: {Every: 1ms}", want: "…did you mean every?"},
		"misplaced key":     {file: start + "network: {neurons: {tau_calcium: 5ms}}", want: "c.yaml:3:21: network.neurons.tau_calcium: there is no such key; …; did you mean network.astrocyte.tau_calcium?"},
		"duplicate key":     {file: start + "seed: 3\nseed: 3", want: "c.yaml:4:1: seed: the key is given twice, first on line 3; remove one"},
		"duplicate section": {file: start + "solver: {}\nsolver: {}", want: "c.yaml:4:1: solver: the key is given twice, first on line 3; remove one"},
		"key with a dot":    {file: start + "solver.rtol: 1", want: "…\"solver.rtol\": there is no such key…"},
		"key is a list":     {file: start + "? [a]\n: 1", want: "…a list is not a key…"},

		"no version":    {file: "input: {synthetic: {}}", want: "c.yaml:1:1: nasim: nasim is missing; a whole number 1; write nasim: 1 at the top"},
		"other version": {file: "nasim: 2\ninput: {synthetic: {}}", want: "c.yaml:1:8: nasim: version 2 is not known to this nasim; version 1"},
		"no input":      {file: "nasim: 1", want: "c.yaml:1:1: input: no input is given; exactly one of text, image, tensors, synthetic, texts, images; write input: {text: {file: PATH}}"},
		"empty input":   {file: "nasim: 1\ninput: {}", want: "c.yaml:2:1: input: no input is given…"},
		"two inputs":    {file: "nasim: 1\ninput: {synthetic: {}, image: {file: a.png}}", want: "c.yaml:2:1: input: image and synthetic are given; exactly one of text, image, tensors, synthetic, texts, images; remove all but one"},
		"two inputs, set": {file: start, sets: []string{"input.image.file=a.png", "input.text.string=a"},
			want: "--set input.text.string=a: input.text: text and image are given; …; give only one of them with --set"},
		"two texts, set": {file: "nasim: 1\ninput: {text: {file: a}}", sets: []string{"text.string=a", "text.file=b"},
			want: "--set text.file=b: input.text.file: file and string are both given; exactly one of them; remove one"},
		"both kinds of heads, set": {file: start + "transformer: {layers: [1]}", sets: []string{"select=['0:1']", "heads=[1]"},
			want: "--set heads=[1]: transformer.heads: heads is allowed only without transformer.select; remove it"},
		"model that cannot be, set": {file: start, sets: []string{"transformer.model=tiny-text"},
			want: "--set transformer.model=tiny-text: transformer.model: model is allowed only with an input of text or images; remove it"},
		"rk4, set":             {file: start, sets: []string{"solver.method=rk4"}, want: "--set solver.method=rk4…needs a step;…; add --set solver.step=0.5ms"},
		"method misspelt, set": {file: start + "solver: {rtol: 1e-3}", sets: []string{"solver.method=exat"}, want: "…\"exat\" is not known;…; did you mean exact?"},
		"misspelt input":       {file: "nasim: 1\ninput: {txt: {file: a}}", want: "c.yaml:2:9: input.txt: there is no such key; keys here: text, image, tensors, synthetic, texts, images; did you mean text?"},
		"no file":              {file: "nasim: 1\ninput: {image: {}}", want: "c.yaml:2:9: input.image.file: file is missing; a file"},
		"two texts":            {file: "nasim: 1\ninput: {text: {file: a, string: b}}", want: "c.yaml:2:22: input.text.file: file and string are both given; exactly one of them; remove one"},
		"no text":              {file: "nasim: 1\ninput: {text: {}}", want: "c.yaml:2:9: input.text: no text is given; exactly one of file and string; write file: PATH"},
		"empty text":           {file: "nasim: 1\ninput: {text: {string: \" \"}}", want: "c.yaml:2:24: input.text.string: the text is empty; text of at least one word"},
		"number as text":       {file: "nasim: 1\ninput: {text: {string: 12}}", want: "…12 is not text; text; write \"12\", in quotes"},
		"empty path":           {file: "nasim: 1\ninput: {image: {file: \"\"}}", want: "…input.image.file: the path is empty; a file"},

		"model, tensors": {file: start + "transformer: {model: tiny-text}", want: "c.yaml:3:22: transformer.model: model is allowed only with an input of text or images; remove it"},
		"model misspelt": {file: "nasim: 1\ninput: {text: {string: a}}\ntransformer: {model: tiny-txt}", want: "…did you mean tiny-text? (a directory of that name is written ./tiny-txt)"},
		"short hash":     {file: "nasim: 1\ninput: {text: {string: a}}\ntransformer: {sha256: 12ab}", want: "c.yaml:3:23: transformer.sha256: \"12ab\" is not a SHA-256; 64 hexadecimal digits, in lower case; leave the key out to accept any weights"},
		"head twice":     {file: start + "transformer: {heads: [1, 2, 1]}", want: "c.yaml:3:29: transformer.heads: 1 is given twice; remove one"},
		"head negative":  {file: start + "transformer: {heads: [-1]}", want: "…-1 is negative; a whole number 0 or more"},
		"one head":       {file: start + "transformer: {heads: 1}", want: "…write [1]"},
		"no heads":       {file: start + "transformer: {heads: []}", want: "…the list is empty; all, or a list of 0-based indices such as [0, 2]"},
		"select":         {file: start + "transformer: {select: [\"0-5\"]}", want: `c.yaml:3:24: transformer.select: "0-5" is not a "layer:head" pair; a list of "layer:head" pairs such as ["0:5", "3:*"]`},
		"select, heads":  {file: start + "transformer: {select: [\"0:5\"], heads: all}", want: "c.yaml:3:39: transformer.heads: heads is allowed only without transformer.select; remove it"},

		"pole's key":            {file: start + "network: {astrocyte: {calcium: li-rinzel, tau_calcium: 50ms}}", want: "c.yaml:3:56: network.astrocyte.tau_calcium: tau_calcium is allowed only with network.astrocyte.calcium: pole; remove it"},
		"cell's key":            {file: start + "network: {astrocyte: {ip3_max: 0.3}}", want: "c.yaml:3:32: network.astrocyte.ip3_max: ip3_max is allowed only with network.astrocyte.calcium: li-rinzel; remove it"},
		"held cell":             {file: start + "network: {astrocyte: {calcium: li-rinzel, drive: hold}}", want: "c.yaml:3:50: network.astrocyte.drive: nothing holds the calcium of a cell (calcium: li-rinzel) where it is; ungated, reading; write drive: reading"},
		"IP3 below rest":        {file: start + "network: {astrocyte: {calcium: li-rinzel, ip3_max: 0.1}}", want: "c.yaml:3:52: network.astrocyte.ip3_max: 0.1 is out of range; a number more than 0.16 and less than 10"},
		"cell's variables":      {file: start + "record: {variables: [ca]}", want: "c.yaml:3:21: record.variables: the network has no ca to record; leave ca out, or write calcium: li-rinzel or de-pitta"},
		"other cell's":          {file: start + "network: {astrocyte: {calcium: li-rinzel}}\nrecord: {variables: [gamma_a]}", want: "c.yaml:4:21: record.variables: the network has no gamma_a to record; leave gamma_a out, or write calcium: de-pitta"},
		"key of another cell":   {file: start + "network: {astrocyte: {calcium: de-pitta, ip3_max: 0.3}}", want: "c.yaml:3:51: network.astrocyte.ip3_max: ip3_max is allowed only with network.astrocyte.calcium: li-rinzel; remove it"},
		"another held cell":     {file: start + "network: {astrocyte: {calcium: de-pitta, drive: hold}}", want: "c.yaml:3:49: network.astrocyte.drive: nothing holds the calcium of a cell (calcium: de-pitta) where it is; ungated, reading; write drive: reading"},
		"random, swap":          {file: "nasim: 1\ninput: {text: {string: a}}\ntransformer: {projections: random}\nswap: {mode: free-running}", want: "c.yaml:3:28: transformer.projections: heads with freshly initialised maps are not the model's, which is to answer with the network in their place (swap.mode: free-running); write projections: trained, or swap.mode: none"},
		"odd pairs":             {file: start + "network: {features: {map: trig, neurons: 33}}", want: "c.yaml:3:42: network.features.neurons: 33 is odd, and the map trig has its neurons in pairs; an even number; write 34"},
		"gain, signed":          {file: start + "network: {features: {map: cosine, query_gain: rate}}", want: "…the gain rate divides by a sum that the signed map cosine may bring to zero; none or norm with " + signed + "; write query_gain: none"},
		"gain, no norm":         {file: start + "network: {features: {map: elu1, query_gain: norm}}", want: "…the map elu1 has no factor in |q|² for the gain norm to drop; write query_gain: none"},
		"exact, rtol":           {file: start + "solver: {method: exact, rtol: 1e-6}", want: "c.yaml:3:31: solver.rtol: method exact takes no rtol; rtol with solver.method: heun2 or bs32 or dopri5 or tsit5 or dop853 or rodas5p or radau9; remove it, or change solver.method"},
		"rk4, no step":          {file: start + "solver: {method: rk4}", want: "c.yaml:3:1: solver.step: method rk4 needs a step; a time more than 0ms; write step: 0.5ms"},
		"rk4, long step":        {file: start + "solver: {method: rk4, step: 40ms}", want: "c.yaml:3:29: solver.step: method rk4 is unstable with a step of 40ms where tau_hidden is 10ms; at most 27.8ms (2.785 times that); write 27.8ms or less"},
		"euler, long step":      {file: start + "network: {astrocyte: {tau_calcium: 300us}}\nsolver: {method: euler, step: 1ms}", want: "…method euler is unstable with a step of 1ms where tau_calcium is 300us; at most 600us (2 times that); write 600us or less"},
		"dopri5, step":          {file: start + "solver: {step: 1ms}", want: "…method dopri5, the default, takes no step;…"},
		"signed, rtol":          {file: start + "network: {features: {map: trig}}\nsolver: {rtol: 1e-6}", want: "…the map trig is signed, so the method is none unless one is named, and none takes no rtol;…"},
		"variable":              {file: start + "record: {variables: [hidden, calcum]}", want: "c.yaml:3:30: record.variables: \"calcum\" is not known; a list of " + strings.Join(variables, ", ") + "; did you mean calcium?"},
		"variable of none":      {file: start + "network: {circuit: none}\nrecord: {variables: [calcium]}", want: "c.yaml:4:21: record.variables: without an astrocyte (circuit: none) there is no calcium to record; leave calcium out"},
		"key of none":           {file: start + "network: {circuit: none, astrocyte: {tau_calcium: 5ms}}", want: "c.yaml:3:51: network.astrocyte.tau_calcium: tau_calcium is allowed only with network.circuit: tripartite, and there with network.astrocyte.calcium: pole; remove it"},
		"map of replicator":     {file: start + "network: {circuit: replicator, features: {map: positive}}", want: "c.yaml:3:48: network.features.map: map is allowed only with network.circuit: tripartite or none or emergent-division; remove it"},
		"m of replicator":       {file: start + "network: {circuit: replicator, features: {neurons: 10}}", want: "c.yaml:3:52: network.features.neurons: neurons is allowed only with network.circuit: tripartite or none or emergent-division, and there with a map of drawn neurons (not ideal or learned); remove it"},
		"calcium of replicator": {file: start + "network: {circuit: replicator}\nrecord: {variables: [output, calcium]}", want: "c.yaml:4:21: record.variables: a replicator has no calcium to record; a list of output, g_a; leave calcium out"},
		"full replicator":       {file: start + "network: {circuit: replicator}\nsolver: {state: full}", want: "c.yaml:4:17: solver.state: a replicator has no other state than its gains; write state: reduced"},
		"gains of none":         {file: start + "record: {variables: [g_a]}", want: "c.yaml:3:21: record.variables: only circuit: replicator and readout: event have g_a to record; leave g_a out"},
		"store of receptors":    {file: start + "network: {astrocyte: {readout: receptor}}\nrecord: {variables: [gamma, x_a]}", want: "c.yaml:4:21: record.variables: the network has no x_a to record; leave x_a out, or write readout: event"},
		"ideal processes":       {file: start + "network: {circuit: emergent-division, features: {map: ideal}}", want: "c.yaml:3:20: network.circuit: the division of emergent-division is by the processes of single neurons, and infinitely many (map ideal) have none; write a map of drawn neurons"},
		"leak of processes":     {file: start + "network: {circuit: emergent-division, synapses: {tau_hebbian: 5s}}", want: "c.yaml:3:63: network.synapses.tau_hebbian: tau_hebbian is allowed only with network.circuit: tripartite or none; remove it"},
		"norm of processes":     {file: start + "network: {circuit: emergent-division}\nrecord: {variables: [hebbian_norm]}", want: "c.yaml:4:21: record.variables: with circuit: emergent-division there is no hebbian_norm to record; a list of hidden, output, p_alpha, s_alpha; leave hebbian_norm out"},
		"processes of none":     {file: start + "record: {variables: [p_alpha]}", want: "c.yaml:3:21: record.variables: only circuit: emergent-division has p_alpha to record; leave p_alpha out"},
		"key of events":         {file: start + "network: {astrocyte: {readout: receptor, threshold: 2}}", want: "c.yaml:3:53: network.astrocyte.threshold: threshold is allowed only with network.astrocyte.readout: event or threshold; remove it"},
		"time of events":        {file: start + "network: {astrocyte: {readout: event, tau_receptor: 2s}}", want: "c.yaml:3:53: network.astrocyte.tau_receptor: tau_receptor is allowed only with network.astrocyte.readout: receptor; remove it"},
		"key of processes":      {file: start + "network: {emergent_division: {scale: neurons}}", want: "c.yaml:3:38: network.emergent_division.scale: scale is allowed only with network.circuit: emergent-division; remove it"},
		"key of replicators":    {file: start + "network: {replicator: {tau_gain: 5ms}}", want: "c.yaml:3:34: network.replicator.tau_gain: tau_gain is allowed only with network.circuit: replicator; remove it"},
		"step of replicator":    {file: start + "network: {circuit: replicator, replicator: {tau_gain: 1ms}}\nsolver: {method: euler, step: 5ms}", want: "…method euler is unstable with a step of 5ms where tau_gain is 1ms; at most 2ms (2 times that); write 2ms or less"},
		"key of receptors":      {file: start + "network: {astrocyte: {half_effect: 0.1}}", want: "c.yaml:3:36: network.astrocyte.half_effect: half_effect is allowed only with network.astrocyte.readout: receptor or event; remove it"},
		"later than all":        {file: "nasim: 1\ninput: {synthetic: {tokens: 2}}\nnetwork: {astrocyte: {latency: 1min}}", want: "c.yaml:3:32: network.astrocyte.latency: with a latency of 60s no calcium comes before the last of 2 tokens has been read, after 2.4s; a shorter latency; write a shorter one, or longer write, read and gap"},
		"mean of none":          {file: start + "network: {features: {map: ideal}, astrocyte: {coupling_plasticity: false}}", want: "…network.astrocyte.coupling_plasticity: the mean of the couplings of infinitely many neurons (map ideal) is none; write coupling_plasticity: true, or a map of drawn neurons"},
		"unstable receptors":    {file: start + "network: {astrocyte: {readout: receptor, tau_receptor: 10ms}}\nsolver: {method: euler, step: 1ms}", want: "…method euler is unstable with a step of 1ms where tau_receptor/(1 + 1/half_effect) is …"},
		"variable alone":        {file: start + "record: {variables: hidden}", want: "…write [hidden]"},

		"empty file":       {file: "", want: "c.yaml: is empty; a configuration; start with nasim: 1 and input:"},
		"only a comment":   {file: "# nothing\n", want: "c.yaml: is empty; …"},
		"null":             {file: "null\n", want: "c.yaml: is empty; …"},
		"a list":           {file: "- nasim: 1\n", want: "c.yaml:1:1: a list is not a configuration; keys and values, such as nasim: 1"},
		"a word":           {file: "nasim\n", want: "c.yaml:1:1: \"nasim\" is not a configuration;…"},
		"two documents":    {file: start + "---\n" + start, want: "c.yaml:3:1: a second document starts here; one configuration in a file; remove the line ---, or split the file"},
		"tab":              {file: "nasim: 1\ninput:\n\tsynthetic: {}\n", want: "c.yaml:3:1: a tab in the indentation; indent with spaces"},
		"no-break space":   {file: start + "solver: {method:\u00a0none}", want: "c.yaml:…there is no such key;…there is a U+00A0, a no-break space, which YAML takes for a letter; write a plain space, or leave it out"},
		"no-break value":   {file: start + "solver:\n  method:\u00a0none\n", want: "c.yaml:…is not a section;…there is a U+00A0, a no-break space…"},
		"no-break line":    {file: start + "solver:\n  method:\u00a0none\n  state: full\n", want: "c.yaml:…a second “key:”…there is a U+00A0, a no-break space…"},
		"no-break indent":  {file: "nasim:\u00a01", want: "c.yaml:1:1…there is a U+00A0, a no-break space…"},
		"zero-width space": {file: start + "solver: {method: none\u200b}", want: "c.yaml:…is not known;…there is a U+200B, which looks like a space or like nothing, which…"},
		"tab after spaces": {file: "nasim: 1\ninput:\n  \tsynthetic: {}\n  image: 3", want: "c.yaml:3:3: a tab in the indentation; indent with spaces"},
		"not UTF-8":        {file: "nasim: 1\n# caf\xe9\n", want: "c.yaml:2:6: the byte 0xE9 is not UTF-8; UTF-8; save the file as UTF-8"},
		"UTF-16":           {file: "\xff\xfen\x00", want: "c.yaml: is in UTF-16; UTF-8; save it as UTF-8"},
		"NUL":              {file: "nasim: 1\x00", want: "c.yaml:1:9: a control character (U+0000); text"},
		"alias":            {file: "nasim: &a 1\nseed: *a\ninput: {synthetic: {}}", want: "c.yaml:1:8: an anchor (&) or alias (*); plain keys and values; write the value out\nc.yaml:2:7: an anchor…"},
		"unknown alias":    {file: "nasim: *a\n", want: "c.yaml:1:8: an alias; no anchors (&) and aliases (*); write the value out"},
		"merge":            {file: start + "<<: {seed: 3}", want: "c.yaml:3:1: a tag (!) or a merge (<<);…"},
		"tag":              {file: start + "seed: !!int 3", want: "c.yaml:3:7: a tag (!) or a merge (<<);…"},
		"open bracket":     {file: "nasim: 1\ninput: {synthetic: {}\nseed: 3\n", want: "c.yaml:3:1: not YAML: …"},
		"open quote":       {file: "nasim: 1\ninput: {text: {string: \"a}}\n", want: "…not YAML: found unexpected end of stream while scanning a quoted scalar (which starts on line 2)"},
		"colon":            {file: "nasim: 1\ninput: text: a\n", want: "…a second “key:” where a value was expected; check the indentation, or put the value in quotes"},
		"large":            {file: start + "# " + strings.Repeat("x", maxBytes), want: "c.yaml: is larger than 1024 KiB; move a long text to a file of its own (input.text.file)"},
		"deep":             {file: start + "seed: " + strings.Repeat("[", 100_000), want: "c.yaml…"},

		"set: no value":   {file: start, sets: []string{"seed"}, want: "--set seed: there is no path=value; such as seed=3; write --set path=value"},
		"set: empty":      {file: start, sets: []string{"seed="}, want: "--set seed=: seed: there is no value after =; a value in YAML"},
		"set: unknown":    {file: start, sets: []string{"sede=3"}, want: "--set sede=3: sede: there is no such key; did you mean seed?"},
		"set: ambiguous":  {file: start, sets: []string{"neurons=3"}, want: "--set neurons=3: neurons: the path is the end of several keys; network.neurons, network.features.neurons, record.neurons, fit.neurons; write one of them in full"},
		"set: bad value":  {file: start, sets: []string{"seed=x"}, want: "--set seed=x: seed: \"x\" is not a whole number; a whole number"},
		"set: bad list":   {file: start, sets: []string{"heads=[0,x]"}, want: "--set heads=[0,x]: transformer.heads: \"x\" is not a whole number; a whole number 0 or more"},
		"set: misspelt":   {file: start, sets: []string{"network.feature.map=trig"}, want: "…did you mean network.features.map?"},
		"set: not YAML":   {file: start, sets: []string{"input.text.string=a: b: c"}, want: "…the value is not YAML; a value in YAML; put text in quotes within quotes…"},
		"set: in section": {file: start, sets: []string{"network={features: {neuron: 5}}"}, want: "--set network={features: {neuron: 5}}: network.features.neuron: there is no such key;…; did you mean neurons?"},
		"set: conflict":   {file: start, sets: []string{"solver.method=exact", "solver.rtol=1e-3"}, want: "--set solver.rtol=1e-3: solver.rtol: method exact takes no rtol;…"},
		"set: anchor":     {file: start, sets: []string{"seed=&a 3"}, want: "--set seed=&a 3: an anchor…"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg, problems := Read(strings.NewReader(c.file), "c.yaml", "", c.sets)
			if cfg != nil || len(problems) == 0 {
				t.Fatalf("accepted; want %s", c.want)
			}
			if got := problems.Error(); !matches(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestGains: which gain goes with which map, as science.md has it (section 3): a
// sum of signed features may be zero, not every map has a factor in |x|², and
// infinitely many neurons have one rate.
func TestGains(t *testing.T) {
	for _, name := range features.Names() {
		meaningless := map[string]bool{
			features.GainNone:      false,
			features.GainNorm:      !features.HasNormFactor(name),
			features.GainRate:      !features.Positive(name) || name == features.Ideal,
			features.GainEqualised: !features.Positive(name),
			features.GainBalanced:  false,
			features.GainTrained:   name != features.Learned,
		}
		for _, gain := range features.Gains() {
			file := fmt.Sprintf("%snetwork: {features: {map: %s, query_gain: %s}}", start, name, gain)
			if name == features.Learned {
				file = strings.Replace(file, "query_gain", "file: m.npz, query_gain", 1)
			}
			_, problems := Read(strings.NewReader(file), "c.yaml", "", nil)
			refused, known := meaningless[gain]
			if !known {
				t.Errorf("the test knows nothing of the gain %s", gain)
			}
			if refused != (problems != nil) || refused && (len(problems) != 1 || problems[0].Path != "network.features.query_gain") {
				t.Errorf("%s with %s: %v", gain, name, problems)
			}
		}
	}
	// The gain was good with the map of the file.
	_, problems := Read(strings.NewReader(start+"network: {features: {query_gain: rate}}"), "c.yaml", "", []string{"map=trig"})
	if want := "c.yaml:3:34: network.features.query_gain: the gain rate divides by a sum that the signed map trig may bring to zero; none or norm with " + signed + "; write query_gain: none"; problems.Error() != want {
		t.Errorf("got  %v\nwant %s", problems, want)
	}
}

// TestRecordingWithoutNeurons: with the map ideal all can be recorded but what is of
// single hidden neurons, or of an astrocyte that the network has not, and by default all
// of that is.
func TestRecordingWithoutNeurons(t *testing.T) {
	ideal := start + "network: {features: {map: ideal}}\n"
	cfg, problems := Read(strings.NewReader(ideal), "c.yaml", "", nil)
	if problems != nil {
		t.Fatal(problems)
	}
	for _, channel := range model.Channels() {
		hidden := channel.Of == model.HiddenNeurons || !channel.Has(cfg.Network.Parameters())
		if slices.Contains(cfg.Record.Variables, channel.Name) == hidden {
			t.Errorf("recorded by default is %v", cfg.Record.Variables)
		}
		_, problems := Read(strings.NewReader(ideal), "c.yaml", "", []string{"record.variables=[" + channel.Name + "]"})
		if hidden != (problems != nil) || hidden && !strings.Contains(problems.Error(), "; leave "+channel.Name+" out") {
			t.Errorf("%s: %v", channel.Name, problems)
		}
	}
}

// matches compares, "…" in the pattern standing for anything. The texts
// themselves hold … only in the hint for --set, where it matches itself.
func matches(text, pattern string) bool {
	parts := strings.Split(pattern, "…")
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for i, part := range parts[1:] {
		if i == len(parts)-2 {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return text == ""
}

// TestAllAtOnce: nobody should have to run a command once for each slip.
func TestAllAtOnce(t *testing.T) {
	file := "nasim: 1\nsead: 3\ninput: {text: {file: a, string: b}}\nnetwork:\n  features: {map: trigg, neurons: 3.5}\n  neurons: {tau_hidden: 5}\nsolver: {method: exact, rtol: 1e-3}\n"
	_, problems := Read(strings.NewReader(file), "c.yaml", "", []string{"record.every=1", "x=2"})
	want := []string{"sead", "input.text.file", "network.features.map", "network.features.neurons", "network.neurons.tau_hidden", "solver.rtol", "record.every", "x"}
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("paths %v, want %v", got, want)
	}
}

// TestManyProblems: a file of rubbish is answered quickly and briefly.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	for i := range 15_000 {
		b.WriteString(string(rune('a'+i%26)) + strings.Repeat("x", i%7) + string(rune('a'+i/26%26)) + strings.Repeat("y", i/676%80) + ": 1\n")
	}
	_, problems := Read(strings.NewReader(b.String()), "c.yaml", "", nil)
	if len(problems) != maxProblems+1 {
		t.Errorf("%d problems, want %d", len(problems), maxProblems+1)
	}
}

// TestDocuments: a file of several configurations is each of them, the problems at
// their places in it; documents that are empty are none.
func TestDocuments(t *testing.T) {
	const other = "nasim: 1\ninput: {synthetic: {tokens: 3}}\n"
	for name, c := range map[string]struct {
		file string
		want string // tokens of each, or its problems
	}{
		"one":               {start, "c.yaml: 64"},
		"two":               {start + "---\n" + other, "c.yaml, document 1: 64|c.yaml, document 2: 3"},
		"mark at the start": {"---\n" + start + "--- # the other\n" + other, "c.yaml, document 1: 64|c.yaml, document 2: 3"},
		"mark at the end":   {start + "---\n", "c.yaml: 64"},
		"empty between":     {start + "---\n---\n# nothing\n---\n" + other + "...\n", "c.yaml, document 1: 64|c.yaml, document 2: 3"},
		"all empty":         {"---\n# nothing\n---\n", "c.yaml: c.yaml: is empty; a configuration; start with nasim: 1 and input:"},
		"problems of two": {"nasim: 2\n" + start[9:] + "---\n" + start + "---\nnasim: 1\n",
			"c.yaml, document 1: c.yaml:1:8: nasim: …|c.yaml, document 2: 64|c.yaml, document 3: c.yaml:6:1: input: no input is given; …"},
		"given twice":  {start + "---\n" + other + "nasim: 1\n", "c.yaml, document 1: 64|c.yaml, document 2: c.yaml:6:1: nasim: the key is given twice, first on line 4; remove one"},
		"not mappings": {start + "--- 3\n", "c.yaml, document 1: 64|c.yaml, document 2: c.yaml:3:5: 3 is not a configuration; …"},
		"not YAML":     {start + "---\n" + other + "x: [\n---\n" + other, "c.yaml, document 1: 64|c.yaml, document 2: c.yaml:7:1: not YAML: …"},
		"one is large": {start + "---\n" + start + "# " + strings.Repeat("x", maxBytes), "c.yaml: c.yaml: is larger than 1024 KiB; …"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range ReadAll(strings.NewReader(c.file), "c.yaml", "", nil) {
				what := d.Problems.Error()
				if d.Config != nil {
					what += fmt.Sprint(d.Config.Input.Synthetic.Tokens)
				}
				got = append(got, d.Name+": "+what)
			}
			if text := strings.Join(got, "|"); !matches(text, c.want) {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
	many := strings.Repeat(start+"# "+strings.Repeat("x", 1000)+"\n---\n", 2000)
	if found := ReadAll(strings.NewReader(many), "c.yaml", "", []string{"seed=7"}); len(found) != 2000 || found[1999].Config == nil || found[1999].Config.Seed != 7 {
		t.Errorf("of 2000 there are %d", len(found))
	}
	if found := ReadAll(strings.NewReader(strings.Repeat(many, 9)), "c.yaml", "", nil); len(found) != 1 || found[0].Problems.Error() != "c.yaml: is larger than 16 MiB; split it into several files" {
		t.Errorf("of a file that is too large there are %d", len(found))
	}
}
