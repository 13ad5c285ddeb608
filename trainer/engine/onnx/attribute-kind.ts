/** The format's numbers for kinds of attributes (AttributeProto.AttributeType). */
export const attributeKind = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
} as const;
