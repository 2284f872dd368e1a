use clap::CommandFactory;

use super::*;

#[test]
fn the_arguments_are_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn without_a_command_the_service_runs() {
    let cli = Cli::try_parse_from(["sipbrewery"]).unwrap();
    assert!(cli.command.is_none());
}

#[test]
fn every_command_reads_as_the_manual_says() {
    for line in [
        "serve",
        "migrate",
        "nav import NAVAll.txt",
        "cas import statement.json --contact 919812345678",
        "scheme-rules import master.json",
        "scheme-rules fetch",
        "understand",
        "doctor",
        "loadtest --texts texts.txt --bound",
        "emulator",
        "emulator --no-limits --verify-token text",
        "release con_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "replay --contact 919812345678",
        "replay --file tests/conversations/nav/sloppy-name.en.txt --all",
        "investor show 919812345678",
        "investor kyc 919812345678 Validated --agency CVL --until 2027-03-31",
        "investor bank 919812345678 4321 --name ASHA",
        "money list",
        "money release con_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "commission load splits.json",
        "commission divide hdfc:2026-08:17 trail 2026-08-31 1234.56",
        "commission take-back hdfc:2026-09:3 hdfc:2026-08:17 0.01",
        "attention list --all",
        "attention show att_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "attention resolve att_018bcfe568c07c5ba3d5f0e1c2b3a495 --verified",
        "contact split 919812345678",
        "contact split IN.2081978709342942",
        "inbox list",
        "inbox show in_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "inbox retry --all",
        "inbox dismiss in_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "attention list --kind handoff --most 500",
        "inbox retry in_018bcfe568c07c5ba3d5f0e1c2b3a495 in_018bcfe568c07c5ba3d5f0e1c2b3a496",
        "outbox list",
        "outbox retry out_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "jobs list",
        "jobs retry job_018bcfe568c07c5ba3d5f0e1c2b3a495",
        "document capital-gains --contact 919812345678 --year 2026",
        "serve --env-file other.env",
    ] {
        let words = std::iter::once("sipbrewery").chain(line.split(' '));
        Cli::try_parse_from(words).expect(line);
    }
    for nothing in [
        "inbox retry",
        "outbox retry",
        "jobs retry con_1",
        "document capital-gains --contact 919812345678 --year 26",
        "document capital-gains --contact 919812345678 --year 20000",
    ] {
        let words = std::iter::once("sipbrewery").chain(nothing.split(' '));
        assert!(Cli::try_parse_from(words).is_err(), "{nothing}");
    }
}

#[test]
fn the_emulator_keeps_metas_pace_unless_it_is_told_not_to() {
    let options = |line: &str| match Cli::try_parse_from(line.split(' ')).unwrap().command {
        Some(Command::Emulator(args)) => args.options(),
        other => panic!("{other:?}"),
    };
    let usual = options("sipbrewery emulator");
    assert_eq!((usual.throughput, usual.pair_rate), (Some(80), true));
    let loose = options("sipbrewery emulator --no-limits");
    assert_eq!((loose.throughput, loose.pair_rate), (None, false));
}

#[test]
fn every_command_and_argument_has_help() {
    fn look(command: &clap::Command) {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let is_built_in = matches!(id, "help" | "version");
            assert!(is_built_in || argument.get_help().is_some(), "{id}");
        }
        command.get_subcommands().for_each(look);
    }
    look(&Cli::command());
}
