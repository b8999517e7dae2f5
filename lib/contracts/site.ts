/** A model's prices as pages show them: dollars per million tokens, as decimal text. */
export type OfferedPrice = {
  model: string;
  inputUsd: string;
  outputUsd: string;
  cacheWriteUsd: string;
  cacheReadUsd: string;
};

export type Site = { baseUrl: string; prices: OfferedPrice[] };
