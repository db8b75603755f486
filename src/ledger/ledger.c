typedef int ledger_is_to_come;
