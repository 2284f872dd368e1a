//! The account's templates as last heard of, by listing or by webhook.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::account::{NOTHING_WAITS, Registered, TEMPLATE};
use super::{close_attention, damaged, instant, open_attention};
use crate::id::{ContactId, Ids};
use crate::storage::{Conn, Error, sql};
use crate::whatsapp::TemplateNews;
use crate::whatsapp::templates::{Category, Edit, InAccount, Quality, Status};

/// What is stored for a category that is none of those we know.
const NO_CATEGORY: &str = "";

/// Subject of what a person is told of an empty list.
const NO_TEMPLATES: &str = "account";

const COLUMNS: &str =
    "name, language, status, category, quality, content, reason, paused_until, updated_at";

/// Writes down what the account has; what it has no longer is deleted here too.
///
/// What a webhook changed after the list was asked for is newer than the list. An empty
/// list is not believed: a person is to look.
pub async fn record_templates(
    conn: &mut Conn,
    ids: &Ids,
    listed: &[InAccount],
    (asked, now): (Timestamp, Timestamp),
) -> Result<(), Error> {
    let (asked, millis) = (asked.as_millisecond(), now.as_millisecond());
    let known = list_templates(conn).await?;
    if listed.is_empty() {
        if known.iter().any(|one| one.status != Status::Deleted) {
            let detail = "Meta lists no template of the account any more; what was known of them \
                          stays: check WHATSAPP_WABA_ID and the rights of the access token";
            open_attention(conn, ids, TEMPLATE, NO_TEMPLATES, detail, millis).await?;
        }
        return Ok(());
    }
    close_attention(conn, TEMPLATE, NO_TEMPLATES, millis).await?;
    for one in listed {
        let content = serde_json::to_string(&one.content).expect("texts are plain data");
        let written = sqlx::query(
            "insert into message_templates (name, language, id, status, category, quality,
                                            content, reason, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (name, language) do update
                set id = excluded.id, category = excluded.category, quality = excluded.quality,
                    content = excluded.content, updated_at = excluded.updated_at,
                    reason = case when excluded.status = message_templates.status
                                  then coalesce(excluded.reason, message_templates.reason)
                                  else excluded.reason end,
                    paused_until = case when excluded.status = message_templates.status
                                        then message_templates.paused_until end,
                    status = excluded.status
              where message_templates.updated_at <= $10",
        )
        .bind(&one.name)
        .bind(&one.language)
        .bind(&one.id)
        .bind(one.status.as_str())
        .bind(one.category.map_or(NO_CATEGORY, Category::as_str))
        .bind(one.quality.as_str())
        .bind(content)
        .bind(one.rejected.as_deref())
        .bind(millis)
        .bind(asked)
        .execute(&mut *conn)
        .await?;
        let before = known
            .iter()
            .find(|known| (&known.name, &known.language) == (&one.name, &one.language));
        if written.rows_affected() == 1
            && one.status == Status::Approved
            && before.is_some_and(|before| before.status != Status::Approved)
        {
            all_is_well(conn, &one.name, &one.language, millis).await?;
        }
    }
    let is_listed = |known: &Registered| {
        let is_same =
            |one: &InAccount| (&one.name, &one.language) == (&known.name, &known.language);
        listed.iter().any(is_same)
    };
    for gone in known.iter().filter(|known| !is_listed(known)) {
        sqlx::query(
            "update message_templates set status = $3, updated_at = $4
              where name = $1 and language = $2 and status <> $3 and updated_at <= $5",
        )
        .bind(&gone.name)
        .bind(&gone.language)
        .bind(Status::Deleted.as_str())
        .bind(millis)
        .bind(asked)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Returns every template the account is known to have or have had.
pub async fn list_templates(conn: &mut Conn) -> Result<Vec<Registered>, Error> {
    let text = format!("select {COLUMNS} from message_templates order by name, language");
    let rows = sqlx::query(sql(text)).fetch_all(conn).await?;
    rows.iter().map(registered).collect()
}

/// Returns a template, if the account is known to have it.
pub async fn find_template(
    conn: &mut Conn,
    name: &str,
    language: &str,
) -> Result<Option<Registered>, Error> {
    let text = format!("select {COLUMNS} from message_templates where name = $1 and language = $2");
    let row = sqlx::query(sql(text))
        .bind(name)
        .bind(language)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(registered).transpose()
}

fn registered(row: &AnyRow) -> Result<Registered, Error> {
    let name: String = row.get(0);
    let (status, category, quality): (String, String, String) =
        (row.get(2), row.get(3), row.get(4));
    let content: Option<String> = row.get(5);
    let content = content.as_deref().map(serde_json::from_str).transpose();
    let content = content.map_err(|e| damaged("message_templates", &name, &e.to_string()))?;
    Ok(Registered {
        language: row.get(1),
        status: Status::parse(&status),
        category: Category::parse(&category),
        quality: Quality::parse(&quality),
        content,
        reason: row.get(6),
        paused_until: row.get::<Option<i64>, _>(7).map(instant),
        updated_at: instant(row.get(8)),
        name,
    })
}

/// Returns how far the last message of a template to somebody got, if one was sent since a
/// time or is to be. One that nobody needed any more does not count.
pub async fn template_since(
    conn: &mut Conn,
    contact: ContactId,
    template: &str,
    since: Timestamp,
) -> Result<Option<String>, Error> {
    let state = sqlx::query_scalar(
        "select state from outbox
          where contact_id = $1 and template = $2
            and (coalesce(sending_at, created_at) > $3 or state = 'queued')
            and (reason is null or reason <> $4)
          order by created_at desc limit 1",
    )
    .bind(contact.to_string())
    .bind(template)
    .bind(since.as_millisecond())
    .bind(NOTHING_WAITS)
    .fetch_optional(conn)
    .await?;
    Ok(state)
}

/// Writes down that Meta refused a message because its template is paused or disabled, so
/// that no other message is sent by it; unless something newer was heard since the call. A
/// pause that was to be over by then is not, and ends when Meta says so.
pub(super) async fn template_was_refused(
    conn: &mut Conn,
    outbox: &str,
    code: i64,
    now: i64,
) -> Result<(), Error> {
    let status = match code {
        132_015 => Status::Paused,
        132_016 => Status::Disabled,
        _ => return Ok(()),
    };
    sqlx::query(
        "update message_templates
            set status = $2, paused_until = null, updated_at = $3, reason = $4
          where (status = 'APPROVED' or (status = 'PAUSED' and $2 = 'DISABLED')
                 or (status = 'PAUSED' and $2 = 'PAUSED'
                     and paused_until <= (select sending_at from outbox where id = $1)))
            and updated_at <= (select sending_at from outbox where id = $1)
            and name = (select template from outbox where id = $1)
            and language = (select template_language from outbox where id = $1)",
    )
    .bind(outbox)
    .bind(status.as_str())
    .bind(now)
    .bind(format!("Meta refused a message with code {code}"))
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers an edit of ours.
pub async fn record_edit(conn: &mut Conn, edit: &Edit) -> Result<(), Error> {
    sqlx::query(
        "insert into template_edits (template, edited_at) values ($1, $2) on conflict do nothing",
    )
    .bind(&edit.id)
    .bind(edit.at.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns the edits of ours since a time.
pub async fn edits_since(conn: &mut Conn, since: Timestamp) -> Result<Vec<Edit>, Error> {
    let rows = sqlx::query("select template, edited_at from template_edits where edited_at > $1")
        .bind(since.as_millisecond())
        .fetch_all(conn)
        .await?;
    let edit = |row: &AnyRow| Edit {
        id: row.get(0),
        at: instant(row.get(1)),
    };
    Ok(rows.iter().map(edit).collect())
}

/// Takes in what became of a template; returns whether it is news.
pub(super) async fn hear_of_template(
    conn: &mut Conn,
    (name, language, id): (&str, &str, &str),
    what: &TemplateNews,
    (at, now): (Timestamp, Timestamp),
) -> Result<bool, Error> {
    let millis = now.as_millisecond();
    // One that was handed in elsewhere: its text comes with the next listing.
    sqlx::query(
        "insert into message_templates (name, language, id, status, category, updated_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(name)
    .bind(language)
    .bind(id)
    .bind(Status::Pending.as_str())
    .bind(NO_CATEGORY)
    .bind(millis)
    .execute(&mut *conn)
    .await?;
    let newer = |column: &str, best: &str| {
        // At the same time the best counts, and of the rest one, whichever came first.
        sqlx::query(sql(format!(
            "update message_templates set {column} = $3, {column}_at = $5, updated_at = $4
              where name = $1 and language = $2
                and ({column}_at is null or {column}_at < $5
                     or ({column}_at = $5 and ($3 = '{best}' or {column} <> '{best}' and {column} <= $3)))"
        )))
    };
    let query = match what {
        TemplateNews::Status {
            status: Some(status),
            reason,
            pause,
            ..
        } => {
            let until = pause.and_then(|pause| at.checked_add(pause).ok());
            // At the same time an approval follows what it ends; of the rest one counts,
            // whichever came first.
            let changed = sqlx::query(
                "update message_templates
                    set status = $3, reason = $4, paused_until = $5, changed_at = $6,
                        updated_at = $7
                  where name = $1 and language = $2
                    and (changed_at is null or changed_at < $6
                         or (changed_at = $6
                             and ($3 = 'APPROVED' and status <> 'APPROVED'
                                  or ($3 = 'APPROVED' or status <> 'APPROVED')
                                     and (status < $3
                                          or (status = $3
                                              and coalesce(reason, '') <= coalesce($4, ''))))))",
            )
            .bind(name)
            .bind(language)
            .bind(status.as_str())
            .bind(reason.as_deref())
            .bind(until.map(Timestamp::as_millisecond))
            .bind(at.as_millisecond())
            .bind(millis)
            .execute(&mut *conn)
            .await?;
            if changed.rows_affected() == 0 {
                return Ok(false);
            }
            if *status == Status::Approved {
                all_is_well(conn, name, language, millis).await?;
            }
            return Ok(true);
        }
        TemplateNews::Quality(quality) => newer("quality", "GREEN")
            .bind(name)
            .bind(language)
            .bind(quality.as_str()),
        TemplateNews::Category {
            now: Some(category),
            ..
        } => newer("category", NO_CATEGORY)
            .bind(name)
            .bind(language)
            .bind(category.as_str()),
        TemplateNews::Status { status: None, .. }
        | TemplateNews::Category { now: None, .. }
        | TemplateNews::Text => return Ok(true),
    };
    let changed = query
        .bind(millis)
        .bind(at.as_millisecond())
        .execute(&mut *conn)
        .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    if matches!(what, TemplateNews::Quality(Quality::Green)) {
        let known = find_template(conn, name, language).await?;
        if known.is_some_and(|one| one.status == Status::Approved) {
            all_is_well(conn, name, language, millis).await?;
        }
    }
    Ok(true)
}

/// Takes back what a person was told of a template.
async fn all_is_well(conn: &mut Conn, name: &str, language: &str, now: i64) -> Result<(), Error> {
    close_attention(conn, TEMPLATE, &format!("{name}/{language}"), now).await?;
    Ok(())
}
