package picture

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The means and standard deviations that processors take by default, of red, green and blue.
var (
	half         = []float64{0.5, 0.5, 0.5}
	imagenetMean = []float64{0.485, 0.456, 0.406}
	imagenetStd  = []float64{0.229, 0.224, 0.225}
	clipMean     = []float64{0.48145466, 0.4578275, 0.40821073}
	clipStd      = []float64{0.26862954, 0.26130258, 0.27577711}
)

// processorType is what a type of processor does where its file says nothing: the class's attributes in transformers 5.
type processorType struct {
	size      sizing
	square    bool // a size of one number is a square's, not the shortest edge's
	crop      bool
	cropSize  sizing
	resample  int
	mean, std []float64
	cropPart  float64 // ConvNeXT's crop_pct: the part of a resized picture that a crop leaves, 0 for other types
}

func squareOf(side int) sizing { return sizing{height: side, width: side} }

const (
	bilinear = 2
	bicubic  = 3
)

// processorTypes by name, without the endings that tell implementations apart.
var processorTypes = map[string]processorType{
	"ViT":    {size: squareOf(224), square: true, resample: bilinear, mean: half, std: half},
	"DeiT":   {size: squareOf(256), square: true, crop: true, cropSize: squareOf(224), resample: bicubic, mean: half, std: half},
	"Beit":   {size: squareOf(224), square: true, cropSize: squareOf(224), resample: bicubic, mean: half, std: half},
	"Siglip": {size: squareOf(224), resample: bicubic, mean: half, std: half},
	"Pvt":    {size: squareOf(224), square: true, resample: bicubic, mean: imagenetMean, std: imagenetStd},
	"Bit":    {size: sizing{shortest: 224}, crop: true, cropSize: squareOf(224), resample: bicubic, mean: clipMean, std: clipStd},
	"CLIP":   {size: sizing{shortest: 224}, crop: true, cropSize: squareOf(224), resample: bicubic, mean: clipMean, std: clipStd},
	"ConvNext": {size: sizing{shortest: 384}, resample: bicubic, mean: half, std: half,
		cropPart: 224.0 / 256},
}

// typeOfModel is the processor that transformers takes for a model whose file names none, by config.json's model_type.
var typeOfModel = map[string]string{
	"": "ViT", "vit": "ViT", "vit_mae": "ViT", "vit_msn": "ViT", "ijepa": "ViT", "swin": "ViT", "swinv2": "ViT",
	"deit": "DeiT", "beit": "Beit", "data2vec-vision": "Beit", "siglip": "Siglip", "pvt": "Pvt",
	"dinov2": "Bit", "bit": "Bit", "focalnet": "Bit", "hiera": "Bit", "pixio": "Bit",
	"clip": "CLIP", "groupvit": "CLIP", "convnext": "ConvNext", "convnextv2": "ConvNext",
}

// findType finds the type that a file names, or that goes with the model.
func findType(named, modelType string) (processorType, error) {
	if named == "" {
		name, ok := typeOfModel[modelType]
		if !ok {
			return processorType{}, fmt.Errorf("image_processor_type is missing, and for a model of type %q it is not known; supported are %s", modelType, typeNames())
		}
		return processorTypes[name], nil
	}
	name := strings.TrimSuffix(strings.TrimSuffix(named, "Fast"), "Pil")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "ImageProcessor"), "FeatureExtractor")
	if t, ok := processorTypes[name]; ok && name != named {
		return t, nil
	}
	return processorType{}, fmt.Errorf("image_processor_type is %q; supported are %s", named, typeNames())
}

func typeNames() string {
	names := slices.Sorted(maps.Keys(processorTypes))
	return strings.Join(names[:len(names)-1], "ImageProcessor, ") + "ImageProcessor and " + names[len(names)-1] + "ImageProcessor"
}
