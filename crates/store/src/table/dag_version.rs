//! `dag_version`, `dag_form`, `dag_source`: what a DAG was at the time of a run.

use crate::{Result, Tx, params};

/// A new version of a DAG.
pub(crate) struct NewVersion<'a> {
    pub dag_id: &'a str,
    pub content_hash: &'a str,
    pub form: &'a str,
    pub source_hash: &'a str,
}

/// Makes the newest version of a DAG hold this form and source. The newest one is reused when the form is the same, and replaced when no
/// run was made with it. Gives the version and whether the form changed.
pub(crate) async fn renew(tx: &mut Tx<'_>, new: &NewVersion<'_>) -> Result<(i64, bool)> {
    let now = tx.now();
    let insert = "INSERT INTO dag_form (content_hash, form) VALUES (?, ?) ON CONFLICT DO NOTHING";
    let sql = "SELECT v.id, v.content_hash, v.source_hash, v.version_number, EXISTS (SELECT 1 FROM dag_run r WHERE r.version_id = v.id)
        FROM dag_version v WHERE v.dag_id = ? ORDER BY v.version_number DESC LIMIT 1";
    let newest = tx.row(sql, params![new.dag_id]).await?;
    let mut number = 1;
    if let Some(row) = newest {
        let (id, content, source): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if content == new.content_hash {
            if source != new.source_hash {
                tx.exec("UPDATE dag_version SET source_hash = ? WHERE id = ?", params![new.source_hash, id]).await?;
                drop_orphans(tx, &content, &source).await?;
            }
            return Ok((id, false));
        }
        tx.exec(insert, params![new.content_hash, new.form]).await?;
        if !row.get::<bool>(4)? {
            let sql = "UPDATE dag_version SET content_hash = ?, source_hash = ?, created_at = ? WHERE id = ?";
            tx.exec(sql, params![new.content_hash, new.source_hash, now, id]).await?;
            drop_orphans(tx, &content, &source).await?;
            return Ok((id, true));
        }
        number = row.get::<i64>(3)? + 1;
    } else {
        tx.exec(insert, params![new.content_hash, new.form]).await?;
    }
    let sql = "INSERT INTO dag_version (uuid, dag_id, version_number, content_hash, source_hash, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id";
    let row = tx.row(sql, params![uuid::Uuid::now_v7(), new.dag_id, number, new.content_hash, new.source_hash, now]).await?;
    let id = row.ok_or_else(|| crate::Error::invalid("a version", "the insert gave no id"))?.get(0)?;
    Ok((id, true))
}

/// Removes a form and a source that no version names any more.
async fn drop_orphans(tx: &mut Tx<'_>, content_hash: &str, source_hash: &str) -> Result<()> {
    let form = "DELETE FROM dag_form WHERE content_hash = ? AND NOT EXISTS (SELECT 1 FROM dag_version v WHERE v.content_hash = dag_form.content_hash)";
    tx.exec(form, params![content_hash]).await?;
    let source = "DELETE FROM dag_source WHERE source_hash = ? AND NOT EXISTS (SELECT 1 FROM dag_version v WHERE v.source_hash = dag_source.source_hash)";
    tx.exec(source, params![source_hash]).await?;
    Ok(())
}
