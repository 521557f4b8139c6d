// ONNX's messages (onnx.proto of ONNX 1.20): every field's number and type, in the types of onnx-buf. Its own tables carry all that protobuf can describe, and
// would be a fifth of what a page downloads of this package; test/autodiff/model/messages.test.ts holds these against them.
import type * as onnx from 'onnx-buf';
import { messages } from './messages.js';

const { schema } = messages({
  AttributeProto: `name=1:string f=2:float i=3:int64 s=4:bytes t=5:TensorProto g=6:GraphProto floats=7:float[] ints=8:int64[]
    strings=9:bytes[] tensors=10:TensorProto[] graphs=11:GraphProto[] docString=13:string tp=14:TypeProto typeProtos=15:TypeProto[]
    type=20:enum refAttrName=21:string sparseTensor=22:SparseTensorProto sparseTensors=23:SparseTensorProto[]`,
  ValueInfoProto: 'name=1:string type=2:TypeProto docString=3:string metadataProps=4:StringStringEntryProto[]',
  NodeProto: `input=1:string[] output=2:string[] name=3:string opType=4:string attribute=5:AttributeProto[] docString=6:string
    domain=7:string overload=8:string metadataProps=9:StringStringEntryProto[] deviceConfigurations=10:NodeDeviceConfigurationProto[]`,
  IntIntListEntryProto: 'key=1:int64 value=2:int64[]',
  NodeDeviceConfigurationProto: 'configurationId=1:string shardingSpec=2:ShardingSpecProto[] pipelineStage=3:int32',
  ShardingSpecProto: `tensorName=1:string device=2:int64[] indexToDeviceGroupMap=3:IntIntListEntryProto[]
    shardedDim=4:ShardedDimProto[]`,
  ShardedDimProto: 'axis=1:int64 simpleSharding=2:SimpleShardedDimProto[]',
  SimpleShardedDimProto: 'dim.dimValue=1:int64 dim.dimParam=2:string numShards=3:int64',
  TrainingInfoProto: `initialization=1:GraphProto algorithm=2:GraphProto initializationBinding=3:StringStringEntryProto[]
    updateBinding=4:StringStringEntryProto[]`,
  ModelProto: `irVersion=1:int64 producerName=2:string producerVersion=3:string domain=4:string modelVersion=5:int64
    docString=6:string graph=7:GraphProto opsetImport=8:OperatorSetIdProto[] metadataProps=14:StringStringEntryProto[]
    trainingInfo=20:TrainingInfoProto[] functions=25:FunctionProto[] configuration=26:DeviceConfigurationProto[]`,
  DeviceConfigurationProto: 'name=1:string numDevices=2:int32 device=3:string[]',
  StringStringEntryProto: 'key=1:string value=2:string',
  TensorAnnotation: 'tensorName=1:string quantParameterTensorNames=2:StringStringEntryProto[]',
  GraphProto: `node=1:NodeProto[] name=2:string initializer=5:TensorProto[] docString=10:string input=11:ValueInfoProto[]
    output=12:ValueInfoProto[] valueInfo=13:ValueInfoProto[] quantizationAnnotation=14:TensorAnnotation[]
    sparseInitializer=15:SparseTensorProto[] metadataProps=16:StringStringEntryProto[]`,
  TensorProto: `dims=1:int64[] dataType=2:int32 segment=3:TensorProto.Segment floatData=4:float[packed] int32Data=5:int32[packed]
    stringData=6:bytes[] int64Data=7:int64[packed] name=8:string rawData=9:bytes doubleData=10:double[packed]
    uint64Data=11:uint64[packed] docString=12:string externalData=13:StringStringEntryProto[] dataLocation=14:enum
    metadataProps=16:StringStringEntryProto[]`,
  'TensorProto.Segment': 'begin=1:int64 end=2:int64',
  SparseTensorProto: 'values=1:TensorProto indices=2:TensorProto dims=3:int64[]',
  TensorShapeProto: 'dim=1:TensorShapeProto.Dimension[]',
  'TensorShapeProto.Dimension': 'value.dimValue=1:int64 value.dimParam=2:string denotation=3:string',
  TypeProto: `value.tensorType=1:TypeProto.Tensor value.sequenceType=4:TypeProto.Sequence value.mapType=5:TypeProto.Map
    denotation=6:string value.sparseTensorType=8:TypeProto.SparseTensor value.optionalType=9:TypeProto.Optional`,
  'TypeProto.Tensor': 'elemType=1:int32 shape=2:TensorShapeProto',
  'TypeProto.Sequence': 'elemType=1:TypeProto',
  'TypeProto.Map': 'keyType=1:int32 valueType=2:TypeProto',
  'TypeProto.Optional': 'elemType=1:TypeProto',
  'TypeProto.SparseTensor': 'elemType=1:int32 shape=2:TensorShapeProto',
  OperatorSetIdProto: 'domain=1:string version=2:int64',
  FunctionProto: `name=1:string input=4:string[] output=5:string[] attribute=6:string[] node=7:NodeProto[] docString=8:string
    opsetImport=9:OperatorSetIdProto[] domain=10:string attributeProto=11:AttributeProto[] valueInfo=12:ValueInfoProto[]
    overload=13:string metadataProps=14:StringStringEntryProto[]`,
});

export const AttributeProtoSchema = schema<typeof onnx.AttributeProtoSchema>('AttributeProto');
export const FunctionProtoSchema = schema<typeof onnx.FunctionProtoSchema>('FunctionProto');
export const GraphProtoSchema = schema<typeof onnx.GraphProtoSchema>('GraphProto');
export const ModelProtoSchema = schema<typeof onnx.ModelProtoSchema>('ModelProto');
export const NodeProtoSchema = schema<typeof onnx.NodeProtoSchema>('NodeProto');
export const SparseTensorProtoSchema = schema<typeof onnx.SparseTensorProtoSchema>('SparseTensorProto');
export const TensorProtoSchema = schema<typeof onnx.TensorProtoSchema>('TensorProto');
export const TypeProtoSchema = schema<typeof onnx.TypeProtoSchema>('TypeProto');
export const TypeProto_TensorSchema = schema<typeof onnx.TypeProto_TensorSchema>('TypeProto.Tensor');
export const ValueInfoProtoSchema = schema<typeof onnx.ValueInfoProtoSchema>('ValueInfoProto');

/** Types of attributes. */
export const Kind = {
  UNDEFINED: 0,
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
  TENSORS: 9,
  GRAPHS: 10,
} as const;

/** Element types of tensors. */
export const Code = {
  UNDEFINED: 0,
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  UINT2: 25,
  INT2: 26,
} as const;

/** `dataLocation` of a tensor whose elements lie in another file. */
export const EXTERNAL = 1;
