//! The house is tidy.

#[test]
fn the_rules_of_the_house_hold() {
    let root = xtask::tidy::root().expect("the root");
    let findings = xtask::tidy::check(&root).expect("a check");
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} to mend:\n{}", lines.len(), lines.join("\n"));
}
