typedef int reason_is_to_come;
