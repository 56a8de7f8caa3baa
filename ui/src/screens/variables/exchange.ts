import { api } from "@/api/client";
import { MASK, readVariables, type Variable } from "@/api/keyed";
import { asText, type ExchangeOf, isObject, outcomeOf } from "@/screens/keyed/exchange";

/** `{"key": value}`; a variable with a description is `{"value": .., "description": ..}`. */
export const exchange: ExchangeOf<Variable> = {
  read: (query) => readVariables({ ...query, order_by: "key" }),
  nameOf: (row) => row.key,
  toFile: ({ value, description }) => {
    if (value === MASK) return null;
    const plain = ofText(value);
    return { value: description ? { value: plain, description } : plain, without: value.includes(MASK) };
  },
  fromFile: (key, value) => {
    const described = isObject(value) && Object.keys(value).length === 2 && "value" in value && "description" in value;
    return described ? { key, value: asText(value.value), description: value.description === null ? null : asText(value.description) } : { key, value: asText(value) };
  },
  send: async (entities, action_on_existence) =>
    outcomeOf(await api.patch("/api/v2/variables", { body: { actions: [{ action: "create", entities, action_on_existence }] } })),
};

function ofText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
