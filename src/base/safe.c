typedef int safe_is_to_come;
