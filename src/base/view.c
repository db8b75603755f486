typedef int view_is_to_come;
