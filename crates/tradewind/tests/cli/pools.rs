//! `pools`.

use crate::home::Home;

#[test]
fn a_pool_is_set_shown_and_removed() {
    let home = Home::with_database();
    assert_eq!(home.ok(&["pools", "set", "database", "4", "Connections"]), "Pool database created\n");
    assert_eq!(
        home.ok(&["pools", "list"]),
        "pool         | slots | description  | include_deferred\n\
         =============+=======+==============+=================\n\
         database     | 4     | Connections  | False\n\
         default_pool | 128   | Default pool | False\n"
    );
    home.ok(&["pools", "set", "database", "-1", "No limit", "--include-deferred"]);
    assert_eq!(
        home.ok(&["pools", "get", "database", "-o", "json"]),
        "[{\"pool\":\"database\",\"slots\":\"-1\",\"description\":\"No limit\",\"include_deferred\":\"True\"}]\n"
    );
    assert_eq!(home.ok(&["pool", "-x", "database"]), "Pool database deleted\n");
    assert_eq!(home.fails_with(3, &["pools", "get", "database"]), "error: Pool database does not exist\n");
    assert!(home.fails(&["pools", "delete", "default_pool"]).contains("cannot be deleted"));
    assert_eq!(home.call(&["pools", "set", "database", "-2", "x"]).code, Some(2));
}

#[test]
fn pools_go_out_to_a_file_and_come_back() {
    let home = Home::with_database();
    home.ok(&["pools", "set", "database", "4", "Connections"]);
    assert_eq!(home.ok(&["pools", "export", "pools.json"]), "Exported 2 pools to pools.json\n");
    home.ok(&["pools", "delete", "database"]);
    assert_eq!(home.ok(&["pools", "import", "pools.json"]), "Uploaded 2 pool(s)\n");
    assert!(home.ok(&["pools", "get", "database"]).contains("Connections"));
    let some_wrong = "{\"good\": {\"slots\": 1, \"description\": \"d\"}, \"bad\": {\"slots\": \"many\", \"description\": \"d\"}}";
    std::fs::write(home.path().join("wrong.json"), some_wrong).unwrap();
    let answer = home.call(&["pools", "import", "wrong.json"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), "Uploaded 1 pool(s)\n"));
    assert!(answer.err.contains("failed to update pool(s): bad"), "{answer:?}");
}
