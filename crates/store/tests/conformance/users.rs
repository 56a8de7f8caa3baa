//! Users: made once, changed by name, with a row in the event log for each change.

use tradewind_store::Store;
use tradewind_store::table::app_user::{ChangeUser, CreateUser, ListUsers, UserChange};

use crate::backend::{Backend, stories};
use crate::fixture::{number, sql};

stories!(a_user_is_made_once_changed_and_removed, a_role_that_does_not_exist_is_refused_by_the_table,);

fn user(username: &str) -> CreateUser {
    CreateUser {
        username: username.to_owned(),
        email: Some("a@example.com".to_owned()),
        first_name: None,
        last_name: Some("Lovelace".to_owned()),
        role: "ADMIN".to_owned(),
        password_hash: "hash".to_owned(),
        by: "cli".to_owned(),
    }
}

async fn change(store: &Store, username: &str, change: UserChange) -> bool {
    store.run(ChangeUser { username: username.to_owned(), change, by: "cli".to_owned() }).await.unwrap()
}

async fn a_user_is_made_once_changed_and_removed() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let made = store.run(user("ada")).await.unwrap().expect("the name is free");
    assert_eq!((made.username.as_str(), made.role.as_str(), made.is_active), ("ada", "ADMIN", true));
    assert_eq!(store.run(user("ada")).await.unwrap(), None, "the name is taken");
    assert!(change(store, "ada", UserChange::Role("VIEWER".to_owned())).await);
    assert!(change(store, "ada", UserChange::Password("other".to_owned())).await);
    let listed = store.run(ListUsers).await.unwrap();
    assert_eq!(listed.iter().map(|user| (user.username.as_str(), user.role.as_str())).collect::<Vec<_>>(), [("ada", "VIEWER")]);
    assert_eq!(number(store, "SELECT password_hash = 'other' FROM app_user").await, 1);
    assert!(change(store, "ada", UserChange::Delete).await);
    assert!(!change(store, "ada", UserChange::Delete).await);
    let events: Vec<String> = sql(store, "SELECT event FROM event_log ORDER BY id").await.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(events, ["create_user", "edit_user", "reset_password", "delete_user"]);
}

async fn a_role_that_does_not_exist_is_refused_by_the_table() {
    let backend = Backend::fresh().await;
    let wrong = CreateUser { role: "KING".to_owned(), ..user("eve") };
    let error = backend.store.run(wrong.clone()).await.unwrap_err();
    assert!(error.is_constraint() && error.to_string().contains("app_user_role"), "{error}");
    assert!(backend.store.run(CreateUser { username: " ".to_owned(), ..user("x") }).await.is_err());
    assert!(!format!("{wrong:?}").contains("hash"));
}
