use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::*;

const KEY: &str = "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80=";

type Map = BTreeMap<&'static str, &'static str>;

fn production() -> Map {
    Map::from([
        ("WHATSAPP_APP_SECRET", "8c1f0e7ab2d94c53a6e1f07b9d2c4e85"),
        ("WHATSAPP_VERIFY_TOKEN", "mango-lorry-orbit-77"),
        ("WHATSAPP_ACCESS_TOKEN", "EAAGm0PX4ZCpsBAKZCx9d2qLw7"),
        ("WHATSAPP_PHONE_NUMBER_ID", "106540352242922"),
        ("WHATSAPP_WABA_ID", "102290129340398"),
        ("PUBLIC_URL", "https://bot.asha.in"),
        ("DATA_KEY", KEY),
        ("DISTRIBUTOR_NAME", "Asha Investments"),
        ("DISTRIBUTOR_ARN", "ARN-123456"),
        ("GRIEVANCE_CONTACT", "care@asha.in"),
    ])
}

fn read(map: &Map) -> Result<Settings, Faults> {
    Settings::from_lookup(|name| map.get(name).map(|value| (*value).to_owned()))
}

fn faulty(map: &Map) -> Vec<String> {
    let Faults(faults) = read(map).expect_err("faults");
    faults.into_iter().map(|fault| fault.setting).collect()
}

#[test]
fn nothing_set_is_a_demo_that_needs_nothing() {
    let settings = read(&Map::new()).unwrap();
    assert!(settings.is_demo());
    assert_eq!(settings.http_addr.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.nav_source, None, "a demo fetches nothing");
    assert_eq!(settings.data_folder(), Path::new("data"));
}

#[test]
fn all_five_credentials_are_production() {
    let settings = read(&production()).unwrap();
    assert!(!settings.is_demo());
    assert!(settings.data_key.is_some());
    assert!(settings.nav_source.is_some());
}

#[test]
fn closing_files_are_the_exchanges_or_at_a_place_that_names_the_day() {
    let source = |text| read(&Map::from([("INDEX_SOURCE", text)]));
    for (text, wanted) in [
        ("off", None),
        ("nse", Some("nse")),
        (
            "https://files.test/{day}.csv",
            Some("https://files.test/{day}.csv"),
        ),
        ("/srv/closes/{day}.csv", Some("/srv/closes/{day}.csv")),
    ] {
        assert_eq!(source(text).unwrap().index_source.as_deref(), wanted);
    }
    for wrong in [
        "https://files.test/closes.csv",
        "bse",
        "http://files.test/{day}.csv",
    ] {
        let Faults(faults) = source(wrong).unwrap_err();
        assert_eq!(faults[0].setting, "INDEX_SOURCE", "{wrong}");
    }
}

#[test]
fn the_keys_of_a_plan_to_come_are_two() {
    let keys = |text| read(&Map::from([("BSE_PLAN_AHEAD_KEYS", text)]));
    assert!(keys("next_date, skips_left").is_ok());
    assert_eq!(
        keys("next_date").unwrap_err().0[0].setting,
        "BSE_PLAN_AHEAD_KEYS"
    );
}

#[test]
fn an_empty_value_is_no_value() {
    let map = Map::from([("WHATSAPP_APP_SECRET", ""), ("HTTP_ADDR", "  ")]);
    assert!(read(&map).unwrap().is_demo());
}

#[test]
fn some_credentials_are_a_fault_that_names_each_missing_one() {
    for gone in [
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_VERIFY_TOKEN",
        "WHATSAPP_ACCESS_TOKEN",
        "WHATSAPP_PHONE_NUMBER_ID",
        "WHATSAPP_WABA_ID",
    ] {
        let mut map = production();
        map.remove(gone);
        assert_eq!(faulty(&map), [gone]);
    }
    let alone = Map::from([("WHATSAPP_WABA_ID", "1")]);
    assert_eq!(faulty(&alone).len(), 4);
}

#[test]
fn a_live_service_says_where_people_reach_it() {
    let mut map = production();
    map.remove("PUBLIC_URL");
    assert_eq!(faulty(&map), ["PUBLIC_URL"]);
    map.insert("PUBLIC_URL", "http://bot.asha.in");
    assert_eq!(faulty(&map), ["PUBLIC_URL"]);
    map.insert("PUBLIC_URL", "http://127.0.0.1:8080");
    assert!(read(&map).is_ok(), "the tests' own");
}

#[test]
fn the_sandbox_switch_must_agree_with_the_credentials() {
    let mut map = production();
    map.insert("SANDBOX", "on");
    assert_eq!(faulty(&map), ["SANDBOX"]);
    map.insert("SANDBOX", "off");
    assert!(read(&map).is_ok());
    assert_eq!(faulty(&Map::from([("SANDBOX", "off")])), ["SANDBOX"]);
    assert_eq!(faulty(&Map::from([("SANDBOX", "maybe")])), ["SANDBOX"]);
    assert!(read(&Map::from([("SANDBOX", "on")])).unwrap().is_demo());
}

#[test]
fn sample_and_short_secrets_are_refused_in_production() {
    for weak in [
        "changeme",
        "test-app-secret",
        "<paste the secret here>",
        "your-app-secret-goes-here",
        "short1",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        for name in [
            "WHATSAPP_APP_SECRET",
            "WHATSAPP_VERIFY_TOKEN",
            "WHATSAPP_ACCESS_TOKEN",
        ] {
            let mut map = production();
            map.insert(name, weak);
            assert_eq!(faulty(&map), [name], "{weak}");
        }
    }
    let mut map = production();
    map.insert("DATA_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    assert_eq!(faulty(&map), ["DATA_KEY"]);
}

#[test]
fn production_wants_a_data_key_and_a_distributor() {
    let mut map = production();
    for name in [
        "DATA_KEY",
        "DISTRIBUTOR_NAME",
        "DISTRIBUTOR_ARN",
        "GRIEVANCE_CONTACT",
    ] {
        map.remove(name);
    }
    let wanted = [
        "DATA_KEY",
        "DISTRIBUTOR_NAME",
        "DISTRIBUTOR_ARN",
        "GRIEVANCE_CONTACT",
    ];
    assert_eq!(faulty(&map), wanted);
}

#[test]
fn a_live_service_does_not_speak_for_the_demos_distributor() {
    let names = ["DISTRIBUTOR_NAME", "DISTRIBUTOR_ARN", "GRIEVANCE_CONTACT"];
    let mut map = production();
    for name in names {
        let variable = VARIABLES.iter().find(|variable| variable.name == name);
        map.insert(name, variable.unwrap().default.unwrap());
    }
    assert_eq!(faulty(&map), names, "a copy of the example file");
    for zeros in ["ARN-0", "ARN-0000"] {
        let mut map = production();
        map.insert("DISTRIBUTOR_ARN", zeros);
        assert_eq!(faulty(&map), ["DISTRIBUTOR_ARN"], "{zeros}");
    }
}

#[test]
fn two_app_secrets_are_the_most() {
    let mut map = production();
    let two = "8c1f0e7ab2d94c53a6e1f07b9d2c4e85, 0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    map.insert("WHATSAPP_APP_SECRET", two);
    let Channel::Production(credentials) = read(&map).unwrap().channel else {
        panic!("production");
    };
    assert_eq!(credentials.app_secrets.len(), 2);
    let three = "8c1f0e7ab2d94c53a6e1f07b9d2c4e85,0a1b2c3d4e5f60718293a4b5c6d7e8f9,8c1f0e7ab2d94c53a6e1f07b9d2c4e80";
    map.insert("WHATSAPP_APP_SECRET", three);
    assert_eq!(faulty(&map), ["WHATSAPP_APP_SECRET"]);
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let ok = [
        "https://graph.facebook.com",
        "http://127.0.0.1:9000/",
        "http://localhost:1",
        "http://[::1]:5",
    ];
    for url in ok {
        assert!(
            read(&Map::from([("WHATSAPP_API_BASE_URL", url)])).is_ok(),
            "{url}"
        );
    }
    let refused = [
        "http://graph.facebook.com",
        "http://127.0.0.1.evil.in",
        "http://localhost@evil.in",
        "http://10.0.0.1",
        "ftp://x",
        "https://",
        "https://x?y=1",
    ];
    for url in refused {
        let map = Map::from([("WHATSAPP_API_BASE_URL", url)]);
        assert_eq!(faulty(&map), ["WHATSAPP_API_BASE_URL"], "{url}");
    }
}

#[test]
fn all_faults_are_reported_at_once_and_no_secret_is_shown() {
    let map = Map::from([
        ("HTTP_ADDR", "nonsense"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("WHATSAPP_APP_SECRET", "changeme"),
        ("DATA_KEY", "aHVudGVyMg=="),
        ("LOG_FORMAT", "xml"),
        ("WHATSAPP_MESSAGES_PER_SECOND", "0"),
    ]);
    let faults = read(&map).unwrap_err();
    let settings: BTreeSet<_> = faults.0.iter().map(|f| f.setting.as_str()).collect();
    for name in map.keys() {
        assert!(settings.contains(name), "{name} is not in {settings:?}");
    }
    let shown = faults.to_string();
    for secret in ["hunter2", "changeme", "aHVudGVyMg"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn settings_do_not_show_their_secrets_when_printed() {
    let map = production();
    let shown = format!("{:?}", read(&map).unwrap());
    for name in [
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_VERIFY_TOKEN",
        "WHATSAPP_ACCESS_TOKEN",
        "DATA_KEY",
    ] {
        assert!(!shown.contains(map[name]), "{name}");
    }
}

#[test]
fn a_secret_may_come_from_a_file_but_not_twice() {
    let with = |extra: &[(&'static str, &'static str)]| {
        let mut map = production();
        map.remove("WHATSAPP_VERIFY_TOKEN");
        map.extend(extra.iter().copied());
        Settings::read(
            &|name| map.get(name).map(|v| (*v).to_owned()),
            &|path| match path.to_str() {
                Some("good") => Ok("mango-lorry-orbit-77\n".to_owned()),
                Some("empty") => Ok("\n".to_owned()),
                _ => Err(std::io::ErrorKind::NotFound.into()),
            },
        )
    };
    let Channel::Production(found) = with(&[("WHATSAPP_VERIFY_TOKEN_FILE", "good")])
        .unwrap()
        .channel
    else {
        panic!("production");
    };
    assert_eq!(found.verify_token.expose_secret(), "mango-lorry-orbit-77");
    assert!(with(&[("WHATSAPP_VERIFY_TOKEN_FILE", "gone")]).is_err());
    assert!(with(&[("WHATSAPP_VERIFY_TOKEN_FILE", "empty")]).is_err());
    let both = [
        ("WHATSAPP_VERIFY_TOKEN_FILE", "good"),
        ("WHATSAPP_VERIFY_TOKEN", "mango-lorry-orbit-77"),
    ];
    assert!(with(&both).is_err());
}

/// What `.env.example` and the list of variables are worth hangs on this.
#[test]
fn exactly_the_listed_variables_are_read() {
    let asked = RefCell::new(BTreeSet::new());
    let map = production();
    let settings = Settings::from_lookup(|name| {
        asked.borrow_mut().insert(name.to_owned());
        map.get(name).map(|value| (*value).to_owned())
    });
    assert!(settings.is_ok());
    let listed: BTreeSet<String> = VARIABLES
        .iter()
        .flat_map(|v| {
            let file = v.is_secret.then(|| format!("{}_FILE", v.name));
            [Some(v.name.to_owned()), file]
        })
        .flatten()
        .collect();
    assert_eq!(asked.into_inner(), listed);
}

#[test]
fn the_data_folder_is_where_the_database_is() {
    for (url, folder) in [
        ("sqlite:///var/lib/sip/x.db", "/var/lib/sip"),
        ("sqlite://x.db", "."),
        ("postgres://u:p@h/d", "data"),
    ] {
        let settings = read(&Map::from([("DATABASE_URL", url)])).unwrap();
        assert_eq!(settings.data_folder(), Path::new(folder), "{url}");
        assert_eq!(settings.media_folder(), Path::new(folder).join("media"));
    }
}

#[test]
fn the_path_of_a_database_has_no_escapes() {
    let escaped = Map::from([("DATABASE_URL", "sqlite:///srv/sip%20brewery/x.db")]);
    assert_eq!(faulty(&escaped), ["DATABASE_URL"]);
    let plain = Map::from([("DATABASE_URL", "sqlite:///srv/sip brewery/x.db")]);
    assert_eq!(
        read(&plain).unwrap().data_folder(),
        Path::new("/srv/sip brewery")
    );
    let server = Map::from([("DATABASE_URL", "postgres://sip:a%40b@db/sip")]);
    assert!(read(&server).is_ok(), "a password may need them");
}

#[test]
fn the_example_file_holds_every_variable_at_its_default_with_a_comment() {
    let text = include_str!("../../.env.example");
    let mut found = Vec::new();
    let mut is_explained = false;
    for line in text.lines() {
        if line.is_empty() {
            is_explained = false;
        } else if line.starts_with('#') {
            is_explained = true;
        } else {
            let (name, value) = line.split_once('=').unwrap();
            assert!(is_explained, "{name} has no comment");
            found.push((name, value.trim_matches('"')));
        }
    }
    let listed: Vec<_> = VARIABLES
        .iter()
        .map(|v| (v.name, v.default.unwrap_or("")))
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn a_copy_of_the_example_file_is_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    std::fs::write(&path, include_str!("../../.env.example")).unwrap();
    let file = environment::parse_file(&path).unwrap();
    let settings = Settings::from_lookup(|name| file.get(name).cloned()).unwrap();
    assert!(settings.is_demo());
}

fn with_bse() -> Map {
    let mut map = production();
    map.insert("ORDER_GATEWAY", "bse");
    map.insert("BSE_BASE_URL", "https://starmfv2demo.bseindia.com/api");
    map.insert("BSE_MEMBER", "91010");
    map.insert("BSE_USERNAME", "member/91010/api");
    map.insert("BSE_PASSWORD", "as BSE gave it");
    map
}

#[test]
fn orders_go_to_the_paper_exchange_in_a_demo_and_nowhere_in_production() {
    let demo = read(&Map::new()).unwrap().gateway.exchange;
    assert!(matches!(demo, Exchange::Paper(None)));
    let live = read(&production()).unwrap().gateway.exchange;
    assert!(matches!(live, Exchange::None));
    let mut map = production();
    map.insert("ORDER_GATEWAY", "paper");
    assert_eq!(faulty(&map), ["ORDER_GATEWAY"]);
    let alone = Map::from([("PAPER_EXCHANGE_URL", "http://127.0.0.1:8091")]);
    assert_eq!(faulty(&alone), ["PAPER_EXCHANGE_TOKEN"]);
}

#[test]
fn bse_needs_its_credentials_and_names_what_is_wrong_with_the_rest() {
    let mut map = production();
    map.insert("ORDER_GATEWAY", "bse");
    let missing = ["BSE_BASE_URL", "BSE_MEMBER", "BSE_USERNAME", "BSE_PASSWORD"];
    assert_eq!(faulty(&map), missing);
    let Exchange::Bse(bse) = read(&with_bse()).unwrap().gateway.exchange else {
        panic!("orders go to BSE");
    };
    assert!(bse.payloads.is_none() && bse.v2_calls.is_none() && !bse.unsigned_webhooks);
    for (name, value, faults) in [
        (
            "BSE_PAYLOADS",
            "jose",
            &["BSE_PRIVATE_KEY", "BSE_EXCHANGE_KEY"][..],
        ),
        ("BSE_PAYLOADS", "xml", &["BSE_PAYLOADS"]),
        ("BSE_WEBHOOK_SIGNATURE", "none", &["GATEWAY_WEBHOOK_SECRET"]),
        ("BSE_V2_CALLS", "all,order_new", &["BSE_V2_CALLS"]),
        ("BSE_ALL_UNITS_KEY", "all units", &["BSE_ALL_UNITS_KEY"]),
        ("BSE_UCC_TEMPLATE", "[1]", &["BSE_UCC_TEMPLATE"]),
        ("GATEWAY_WEBHOOK_SECRET", "a/b", &["GATEWAY_WEBHOOK_SECRET"]),
    ] {
        let mut map = with_bse();
        map.insert(name, value);
        assert_eq!(faulty(&map), faults, "{name}={value}");
    }
    let mut map = with_bse();
    map.insert("BSE_V2_CALLS", "all,-sxp_cancel");
    let Exchange::Bse(bse) = read(&map).unwrap().gateway.exchange else {
        panic!("orders go to BSE");
    };
    let calls = bse.v2_calls.unwrap();
    assert!(calls.all && calls.except.contains("sxp_cancel"));
}
