import type { Part } from "../types";

/** Lists out of files and into them. */
export const exchange = {
  exchange: {
    import: "Import",
    export: "Export",
    importTitle: { connections: "Import connections", variables: "Import variables" },
    exportTitle: { connections: "Export connections", variables: "Export variables" },
    file: "File to import",
    choose: "Choose a file",
    drop: "or drop one here",
    form: {
      connections: "JSON as the command line writes it: an object of ids, each with conn_type, host and so on, or with a URI.",
      variables: "JSON as the command line writes it: an object of keys and values.",
    },
    found: "New: {fresh}. There already: {existing}.",
    existing: "There already",
    onExisting: "What is there already",
    keep: "Leave as it is",
    replace: "Replace",
    importCount: { one: "Import {count}", other: "Import {count}" },
    done: {
      connections: { one: "{count} connection imported", other: "{count} connections imported" },
      variables: { one: "{count} variable imported", other: "{count} variables imported" },
    },
    partly: "Imported: {done}. Not imported: {failed}.",
    count: { zero: "There is nothing to export.", one: "The file will hold {count} entry.", other: "The file will hold {count} entries." },
    without: {
      connections: "Secrets never leave the server by this page. The file lacks the passwords and hidden values of:",
      variables: "Secrets never leave the server by this page. The file lacks hidden values of:",
    },
    withoutNames: "What lacks secrets",
    whole: "A file with everything is written on the server:",
    save: "Save {file}",
    wrong: {
      json: "The file is not JSON: {words}",
      object: "The file must hold one object of names and values.",
      entry: "{name}: an object or a URI was expected.",
      field: "{name}: there is no field “{words}”. There are conn_type, description, login, password, host, port, schema and extra.",
      type: "{name}: conn_type is missing.",
      uri: "{name}: this is not a URI such as postgres://login:password@host:5432/schema.",
    },
  },
} as const satisfies Part;
