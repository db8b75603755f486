typedef int directory_is_to_come;
